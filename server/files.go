package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/report"
)

// workbookType is the media type of a workbook (XLSX).
const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// fileBody is the media types of a file of firms. What it is, is told from its bytes.
const fileBody = "application/jsonl, application/x-ndjson, text/csv, " + workbookType + ", application/octet-stream"

// addFiles enters the routes that carry files. The contract has them as streams
// of bytes, which the generated gateway would wrap in JSON; here the same calls
// go over the same channel, and the bytes go as they are.
func (g *gateway) addFiles() error {
	for _, file := range []struct {
		verb, template, method string
		options                proto.Message
		body                   string
		handle                 runtime.HandlerFunc
	}{
		{http.MethodPost, "/v1/firms:import", "FirmService/ImportFirms", &tandemv1.ImportFirmsRequest_Options{}, fileBody, g.importFirms},
		{http.MethodPost, "/v1/firms:review", "FirmService/ReviewFirms", &tandemv1.ImportFirmsRequest_Options{}, fileBody, g.reviewFirms},
		{http.MethodGet, "/v1/{name=matchRuns/*}:downloadReport", "MatchRunService/DownloadReport", &tandemv1.DownloadReportRequest{}, "", g.downloadReport},
		{http.MethodGet, "/v1/{name=matchRuns/*}:exportSnapshot", "MatchRunService/ExportSnapshot", &tandemv1.ExportSnapshotRequest{}, "", g.exportSnapshot},
	} {
		service, name, _ := strings.Cut(file.method, "/")
		m, err := describe("tandem.v1."+service, name)
		if err != nil {
			return err
		}
		added := &route{verb: file.verb, template: file.template, method: m}
		added.take(file.options.ProtoReflect().Descriptor(), "")
		added.body = file.body
		g.routes.put(added)
		if err := g.mux.HandlePath(file.verb, file.template, file.handle); err != nil {
			return fmt.Errorf("route %s: %w", file.template, err)
		}
	}
	return nil
}

// query fills a request from a query that the guard has read.
func query(r *http.Request, into proto.Message) error {
	return runtime.PopulateQueryParameters(into, r.URL.Query(), utilities.NewDoubleArray(nil))
}

// importFirms sends the body of a request as an import.
func (g *gateway) importFirms(w http.ResponseWriter, r *http.Request, _ map[string]string) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	options := new(tandemv1.ImportFirmsRequest_Options)
	if err := query(r, options); err != nil {
		g.callError(ctx, g.mux, nil, w, r, err)
		return
	}
	if !g.admitted(w, r) {
		return
	}
	defer allowSlowBody(w)()
	stream, err := tandemv1.NewFirmServiceClient(g.channel).ImportFirms(ctx)
	if err != nil {
		g.callError(ctx, g.mux, nil, w, r, err)
		return
	}
	send := func(o *tandemv1.ImportFirmsRequest_Options, data []byte) error {
		return stream.Send(&tandemv1.ImportFirmsRequest{Options: o, Data: data})
	}
	if err := sendFile(send, options, r.Body); err != nil && !errors.Is(err, io.EOF) {
		cancel() // the rest of the file is not coming, and half of it must not count
		g.refuse(w, r, g.routeOf(r), err)
		return
	}
	answer, err := stream.CloseAndRecv()
	if err != nil {
		g.callError(ctx, g.mux, nil, w, r, err)
		return
	}
	_, marshaler := runtime.MarshalerForRequest(g.mux, r)
	runtime.ForwardResponseMessage(ctx, g.mux, marshaler, w, r, answer)
}

// reviewFirms sends the body of a request for a review, and answers with the
// workbook that comes back.
func (g *gateway) reviewFirms(w http.ResponseWriter, r *http.Request, _ map[string]string) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	options := new(tandemv1.ImportFirmsRequest_Options)
	if err := query(r, options); err != nil {
		g.callError(ctx, g.mux, nil, w, r, err)
		return
	}
	if !g.admitted(w, r) {
		return
	}
	defer allowSlowBody(w)()
	stream, err := tandemv1.NewFirmServiceClient(g.channel).ReviewFirms(ctx)
	if err != nil {
		g.callError(ctx, g.mux, nil, w, r, err)
		return
	}
	send := func(o *tandemv1.ImportFirmsRequest_Options, data []byte) error {
		return stream.Send(&tandemv1.ReviewFirmsRequest{Options: o, Data: data})
	}
	err = sendFile(send, options, r.Body)
	if err == nil {
		err = stream.CloseSend()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		cancel()
		g.refuse(w, r, g.routeOf(r), err)
		return
	}
	g.sendParts(w, r, func() ([]byte, error) { part, err := stream.Recv(); return part.GetData(), err }, func() {
		attach(w.Header(), workbookType, "tandem-review.xlsx")
	})
}

// admitted asks who calls before a body may take its time: a stranger gets the few
// seconds that other bodies have.
func (g *gateway) admitted(w http.ResponseWriter, r *http.Request) bool {
	route := g.routeOf(r)
	from, _ := r.Context().Value(originKey{}).(origin)
	if _, err := g.chain.admit(r.Context(), route.method, from); err != nil {
		g.refuse(w, r, route, err)
		return false
	}
	return true
}

// allowSlowBody lets the body of a request take as long as an import may, instead
// of the few seconds that other bodies have. The returned function ends that.
func allowSlowBody(w http.ResponseWriter) (done func()) {
	control := http.NewResponseController(w)
	if control.SetReadDeadline(time.Time{}) != nil { // not over a network
		return func() {}
	}
	_ = control.SetWriteDeadline(time.Time{}) // it could be set for reading
	timer := time.AfterFunc(importDeadline, func() { _ = control.SetReadDeadline(time.Unix(1, 0)) })
	return func() { timer.Stop() }
}

// sendFile sends options and a file in parts. It returns io.EOF where the other
// side has ended the stream; its answer says why.
func sendFile(send func(*tandemv1.ImportFirmsRequest_Options, []byte) error, options *tandemv1.ImportFirmsRequest_Options, file io.Reader) error {
	if err := send(options, nil); err != nil {
		return err
	}
	for {
		part := make([]byte, filePart)
		n, err := io.ReadFull(file, part)
		if n > 0 {
			if err := send(nil, part[:n]); err != nil {
				return err
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && n > 0 && n < filePart && atEnd(file):
			return nil
		default:
			return malformed("", "error.body.cut")
		}
	}
}

// atEnd reports whether a file ends here; a body that was cut off does not.
func atEnd(file io.Reader) bool {
	var one [1]byte
	n, err := file.Read(one[:])
	return n == 0 && errors.Is(err, io.EOF)
}

// downloadReport answers with a report.
func (g *gateway) downloadReport(w http.ResponseWriter, r *http.Request, params map[string]string) {
	request := new(tandemv1.DownloadReportRequest)
	if err := query(r, request); err != nil {
		g.callError(r.Context(), g.mux, nil, w, r, err)
		return
	}
	request.Name = params["name"]
	stream, err := tandemv1.NewMatchRunServiceClient(g.channel).DownloadReport(r.Context(), request)
	if err != nil {
		g.callError(r.Context(), g.mux, nil, w, r, err)
		return
	}
	language := strings.ToLower(request.Language.String())
	if request.Language == tandemv1.Language_LANGUAGE_UNSPECIFIED {
		language = "en"
	}
	name := strings.ReplaceAll(strings.TrimPrefix(request.Name, "matchRuns/"), "/", "-") + "-" + language
	header := w.Header()
	g.sendParts(w, r, func() ([]byte, error) { part, err := stream.Recv(); return part.GetData(), err }, func() {
		switch request.Format {
		case tandemv1.DownloadReportRequest_CSV:
			attach(header, "text/csv; charset=utf-8; header=present", "tandem-"+name+".csv")
		case tandemv1.DownloadReportRequest_JSONL:
			attach(header, "application/jsonl", "tandem-"+name+".jsonl")
		case tandemv1.DownloadReportRequest_XLSX:
			attach(header, workbookType, "tandem-"+name+".xlsx")
		default:
			header.Set("Content-Type", "text/html; charset=utf-8")
			header.Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", "tandem-"+name+".html"))
			header.Set("Content-Security-Policy", report.Policy())
		}
	})
}

// exportSnapshot answers with the snapshot of a run.
func (g *gateway) exportSnapshot(w http.ResponseWriter, r *http.Request, params map[string]string) {
	request := &tandemv1.ExportSnapshotRequest{Name: params["name"]}
	stream, err := tandemv1.NewMatchRunServiceClient(g.channel).ExportSnapshot(r.Context(), request)
	if err != nil {
		g.callError(r.Context(), g.mux, nil, w, r, err)
		return
	}
	name := strings.TrimPrefix(request.Name, "matchRuns/")
	g.sendParts(w, r, func() ([]byte, error) { part, err := stream.Recv(); return part.GetData(), err }, func() {
		attach(w.Header(), jsonBody, "tandem-"+name+"-snapshot.json")
	})
}

// attach makes an answer a file to keep.
func attach(header http.Header, mediaType, name string) {
	header.Set("Content-Type", mediaType)
	header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
}

// sendParts writes the parts of a file. An error before the first byte is a
// proper answer; after it, all that is left is to break the connection off, so
// that nobody takes half a file for a whole one.
func (g *gateway) sendParts(w http.ResponseWriter, r *http.Request, next func() ([]byte, error), head func()) {
	part, err := next()
	if err != nil && !errors.Is(err, io.EOF) {
		g.callError(r.Context(), g.mux, nil, w, r, err)
		return
	}
	head()
	for ; err == nil; part, err = next() {
		if _, err := w.Write(part); err != nil {
			return // the client is gone
		}
	}
	if !errors.Is(err, io.EOF) {
		panic(http.ErrAbortHandler)
	}
}
