package server

import "time"

// Limits of what one call may cost. None is unlimited.
const (
	// maxMessage is the largest message over gRPC and the largest body over REST.
	maxMessage = 1 << 20
	// maxHeaders is the largest header list of a request.
	maxHeaders = 16 << 10
	// maxURL is the longest URL of a request.
	maxURL = 8 << 10
	// maxDepth is how deep JSON may nest.
	maxDepth = 32
	// maxStreams is how many calls one connection may have open.
	maxStreams = 100

	// unaryDeadline, reportDeadline and importDeadline are how long a call may
	// take at most; a caller may ask for less. A report holds nothing that others wait for.
	unaryDeadline  = 10 * time.Second
	reportDeadline = 10 * time.Minute
	importDeadline = 10 * time.Minute

	// followFor is how long a stream of changes lasts: less than a connection, so that the server's word comes first.
	followFor = connectionAge - 5*time.Minute
	// followDeadline and waitDeadline are the deadlines of those who follow changes, by stream and by waiting for an answer.
	followDeadline = followFor + time.Minute
	waitDeadline   = 30 * time.Second
	// maxFollowers is how many may do so at a time.
	maxFollowers = 200

	// maxNewcomersOfAddress and maxNewcomers are how many firms may register themselves in an hour, also all at once: from one
	// address, and in all.
	maxNewcomersOfAddress = 300
	maxNewcomers          = 3000
)
