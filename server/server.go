// Package server is Tandem's service: it keeps the register of a partnership, matches it, and answers over gRPC and REST. It is
// the only place that knows both the contract (proto/tandem/v1) and the engine (matching).
//
// There is one file for each service: partnership.go, firms.go, vocabulary.go and facts.go (the catalogue), pairings.go, runs.go,
// reports.go, changes.go, operations.go, credentials.go, invitations.go and audit.go. A method has four beats: look at the request, one transaction of the store, the
// engine, the answer. Around them stands what every call passes through: chain.go (observe, authenticate, authorise, limit,
// validate, filter), errors.go (the one place that makes a status), gateway.go and files.go (REST over the same chain) and
// listen.go (sockets). metrics.go is what the server counts about itself, on a port of its own. change.go is what every write passes through: once per request_id, with its audit entry. engine.go is where
// messages become the engine's values and its answers messages; batch.go is the computation that match runs and `tandem match`
// share; live.go keeps the market of the register as it is now, and
// standing.go everybody's list in it for questions and for those who watch one (watch.go); runner.go computes match runs in the background, results.go
// keeps what they find, and publication.go shows one run's results as the published pairings.
package server

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"github.com/fullstorydev/grpchan/inprocgrpc"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// Config says how a server runs. Only DB is needed.
type Config struct {
	// DB is the file of the embedded database; it is created where there is none.
	DB string
	// Partnership is what a new database serves; the embedded one where nil. An existing database keeps its own.
	Partnership *tandemv1.Partnership
	// KeyFile holds the server key, under which credentials and page tokens are hashed; DB with ".key" behind it where empty.
	KeyFile string
	// GRPCAddress and HTTPAddress are where Serve listens.
	GRPCAddress, HTTPAddress string
	// TLSCert and TLSKey are the files of a certificate; without, Serve listens on loopback only.
	TLSCert, TLSKey string
	// CORSOrigins are the origins whose pages may call the API from a browser, such as https://desk.example.org; none by default.
	CORSOrigins []string
	// Logger gets one line a call, without business text; slog's default where nil.
	Logger *slog.Logger
	// Now is the clock; the system's where nil.
	Now func() time.Time
}

// Server is one open register.
type Server struct {
	config      Config
	store       *store.Store
	catalog     *catalog.Catalog
	vocabulary  *vocabulary
	partnership *tandemv1.Partnership
	weights     *matching.Weights
	key         []byte
	log         *slog.Logger
	live        live
	standing    standingLists
	runner      *runner
	teller      *teller
	stop        context.CancelFunc
	followers   followers
	newcomers   newcomers
	dismissed   chan struct{} // closed when those who follow changes must go
	dismiss     func()
	chain       *chain
	metrics     *metrics
	local       *inprocgrpc.Channel // calls in process, for the gateway and the operator
}

// Open opens a register, seeds a new one, and takes up match runs that an earlier server left.
func Open(ctx context.Context, c Config) (*Server, error) {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.KeyFile == "" {
		c.KeyFile = c.DB + ".key"
	}
	if err := checkOrigins(c.CORSOrigins); err != nil {
		return nil, err
	}
	s := &Server{config: c, catalog: catalog.Embedded(), log: c.Logger, followers: newFollowers(), dismissed: make(chan struct{})}
	s.live.init()
	s.standing.limit = maxStanding
	s.metrics = newMetrics(s)
	var err error
	if s.store, err = store.Open(ctx, c.DB, store.Options{Now: c.Now, Observe: s.metrics.transaction}); err != nil {
		return nil, err
	}
	s.dismiss = sync.OnceFunc(func() { close(s.dismissed) })
	if err := errors.Join(s.logSettings(ctx), s.open(ctx)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) (err error) {
	if s.key, err = loadKey(s.config.KeyFile); err != nil {
		return err
	}
	if s.partnership, err = s.seed(ctx); err != nil {
		return err
	}
	if s.weights, err = matching.WeightsByVersion(s.partnership.WeightsVersion); err != nil {
		return err
	}
	s.vocabulary = newVocabulary(s.catalog, s.partnership)
	s.runner, s.teller = newRunner(s), newTeller(s)
	if s.chain, err = newChain(s.key, s.identify, s.config.Now, s.log); err != nil {
		return err
	}
	s.chain.count, s.chain.refusals.write = s.metrics.call, s.keepRefusals
	s.local = new(inprocgrpc.Channel).WithCloner(handover{})
	if err := s.chain.register(s.local, false, s.services()...); err != nil {
		return err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.teller.start(background)
	return s.runner.start(background)
}

// seed returns the partnership of the register. A new register gets it, and the facts that belong to it, from the configuration.
func (s *Server) seed(ctx context.Context) (*tandemv1.Partnership, error) {
	p := new(tandemv1.Partnership)
	err := s.store.View(ctx, func(tx *store.Tx) error { return tx.Get(partnerships, partnershipName, p) })
	if !errors.Is(err, store.ErrNotFound) {
		return p, err
	}
	p = s.config.Partnership
	if p == nil {
		p = DefaultPartnership()
	}
	err = s.system(ctx, "tandem.v1.PartnershipService/seed", func(c *change) error {
		for _, f := range seedFrameworks(s.catalog, p) {
			if err := seedFact(c, s.frameworkKind(), f); err != nil {
				return err
			}
		}
		for _, r := range seedPrograms(s.catalog, p) {
			if err := seedFact(c, s.programKind(), r); err != nil {
				return err
			}
		}
		for _, v := range seedVenues(s.catalog, p) {
			if err := seedFact(c, s.venueKind(), v); err != nil {
				return err
			}
		}
		return c.put(partnerships, store.Row{Name: partnershipName, Message: withoutSeeds(p)})
	})
	return withoutSeeds(p), err
}

// logSettings puts into the log on what durability rests, as read back from the open database. A wrong one has stopped it already.
func (s *Server) logSettings(ctx context.Context) error {
	settings, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	attrs := make([]slog.Attr, len(settings))
	for i, setting := range settings {
		attrs[i] = slog.String(setting.On+"."+setting.Name, setting.Value)
	}
	s.log.LogAttrs(ctx, slog.LevelInfo, "store settings", attrs...)
	return nil
}

// Settings reads the database's settings back while the server runs.
func (s *Server) Settings(ctx context.Context) ([]store.Setting, error) { return s.store.Settings(ctx) }

// services lists what the server answers to.
func (s *Server) services() []service {
	return []service{
		{&tandemv1.PartnershipService_ServiceDesc, partnershipService{Server: s}},
		{&tandemv1.FirmService_ServiceDesc, firmService{Server: s}},
		{&tandemv1.CatalogService_ServiceDesc, catalogService{Server: s}},
		{&tandemv1.PairingService_ServiceDesc, pairingService{Server: s}},
		{&tandemv1.MatchRunService_ServiceDesc, matchRunService{Server: s}},
		{&tandemv1.ChangeService_ServiceDesc, changeService{Server: s}},
		{&tandemv1.CredentialService_ServiceDesc, credentialService{Server: s}},
		{&tandemv1.InvitationService_ServiceDesc, invitationService{Server: s}},
		{&tandemv1.AuditService_ServiceDesc, auditService{Server: s}},
		{&longrunningpb.Operations_ServiceDesc, operationService{Server: s}},
	}
}

// Operator returns the in-process connection of whoever runs the host: an organiser, through the same chain as everybody.
func (s *Server) Operator() grpc.ClientConnInterface { return operatorConn{s.local} }

// Partnership returns the partnership that the server serves.
func (s *Server) Partnership() *tandemv1.Partnership { return proto.CloneOf(s.partnership) }

// Verify re-reads the whole register and returns what does not match its digests, its log or its own structure.
func (s *Server) Verify(ctx context.Context) ([]store.Finding, error) { return s.store.Verify(ctx) }

// Close stops match runs, which the next server takes up again, and closes the register.
func (s *Server) Close() error {
	s.dismiss()
	if s.stop != nil {
		s.stop()
		s.runner.done.Wait()
		s.teller.done.Wait()
	}
	s.live.work.Wait()
	s.standing.work.Wait()
	s.keepImage(context.Background())
	if s.chain != nil {
		s.chain.refusals.settle(context.Background())
	}
	return s.store.Close()
}
