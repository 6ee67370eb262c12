package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server"
)

// serving is a measurement of findPartners as it is served. The server is in this process, who asks is in another, so that this
// process's CPU time is the server's.
type serving struct {
	firms, requests, connections int
	profile                      string
	out                          io.Writer
	catalog                      *catalog.Catalog

	secret string
	ids    []string // firms that are asked for
	faces  [4]face
}

// face is one way to the answer.
type face struct {
	name, protocol, address string
	echo                    string // the name of what it is held against
	floor, stretch          float64
	took                    time.Duration // a request
}

// askedFirms is how many firms are asked for in turn.
const askedFirms = 100

func runServing(flags *flag.FlagSet, args []string, out io.Writer) error {
	s := &serving{out: out, catalog: catalog.Embedded()}
	flags.IntVar(&s.firms, "firms", 20000, "organisations of both sides together")
	flags.IntVar(&s.requests, "requests", 4000, "requests that are counted, on each way")
	flags.IntVar(&s.connections, "connections", 16, "how many ask at a time")
	flags.StringVar(&s.profile, "profile", "", "a `directory` for a CPU profile of each way")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tandem-serving-")
	if err != nil {
		return err
	}
	return errors.Join(s.measure(dir), os.RemoveAll(dir))
}

func (s *serving) measure(dir string) (err error) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	register, err := server.Open(ctx, server.Config{
		DB: filepath.Join(dir, "tandem.db"), GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, register.Close()) }()
	if err := s.fill(ctx, register); err != nil {
		return err
	}
	answers, err := s.answers(ctx, register)
	if err != nil {
		return err
	}
	echoed, err := startEcho(answers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, echoed.stop()) }()
	ended, listening := make(chan error, 1), make(chan [2]string, 1)
	go func() {
		ended <- register.Serve(ctx, func(grpcAddress, httpAddress string) { listening <- [2]string{grpcAddress, httpAddress} })
	}()
	var tandem [2]string
	select {
	case err := <-ended:
		return err
	case tandem = <-listening:
	}
	s.faces = [4]face{
		{name: "gRPC echo", protocol: "grpc", address: echoed.grpcAddress},
		{name: "gRPC findPartners", protocol: "grpc", address: tandem[0], echo: "gRPC echo", floor: 3, stretch: 2},
		{name: "gateway echo", protocol: "rest", address: echoed.httpAddress},
		{name: "REST findPartners", protocol: "rest", address: tandem[1], echo: "gateway echo", floor: 1.65, stretch: 1.1},
	}
	for i := range s.faces {
		if err := s.time(&s.faces[i]); err != nil {
			return err
		}
	}
	s.print(answers)
	stop()
	return <-ended
}

// fill imports a synthetic market, gives an organiser a credential and chooses whom to ask for.
func (s *serving) fill(ctx context.Context, register *server.Server) error {
	m := synthetic(s.catalog, s.firms/2, true, 1)
	var names []string
	var file []byte
	for i := range m.profiles {
		names = append(names, "firms/"+m.profiles[i].ID)
		line, err := protojson.Marshal(firmOf(s.catalog, &m.profiles[i]))
		if err != nil {
			return err
		}
		file = append(append(file, line...), '\n')
		if len(file) > importFile || i == len(m.profiles)-1 {
			if _, err := importFirms(ctx, register.Operator(), file); err != nil {
				return err
			}
			file = file[:0]
		}
	}
	for _, i := range sample(askedFirms, len(names)) {
		s.ids = append(s.ids, names[i])
	}
	issued, err := tandemv1.NewCredentialServiceClient(register.Operator()).CreateCredential(ctx, &tandemv1.CreateCredentialRequest{Role: tandemv1.Credential_ORGANISER})
	s.secret = issued.GetSecret()
	return err
}

// importFile is how much one import takes, far within its deadline on a busy machine, and importPart how much one message carries.
const (
	importFile = 2 << 20
	importPart = 256 << 10
)

func importFirms(ctx context.Context, conn grpc.ClientConnInterface, file []byte) (*tandemv1.ImportFirmsResponse, error) {
	stream, err := tandemv1.NewFirmServiceClient(conn).ImportFirms(ctx)
	if err != nil {
		return nil, err
	}
	err = stream.Send(&tandemv1.ImportFirmsRequest{Options: &tandemv1.ImportFirmsRequest_Options{Attested: true}})
	for part := range slices.Chunk(file, importPart) {
		if err == nil {
			err = stream.Send(&tandemv1.ImportFirmsRequest{Data: part})
		}
	}
	if err != nil && !errors.Is(err, io.EOF) { // at an end that comes early the answer says why
		return nil, err
	}
	return stream.CloseAndRecv()
}

// firmOf is a synthetic profile as a registration file has it.
func firmOf(cat *catalog.Catalog, p *matching.Profile) *tandemv1.Firm {
	f := &tandemv1.Firm{
		Name: "firms/" + p.ID, DisplayName: p.Name, Country: p.Country, Kind: tandemv1.Firm_Kind(p.Kind), Size: tandemv1.Firm_Size(p.Size),
		Region: countryRegion(cat, p), Summary: p.Summary.EN,
	}
	for _, o := range p.Offers {
		f.Offers = append(f.Offers, &tandemv1.Offer{
			Capability: cat.Capability(o.Capability).Code, Level: tandemv1.Offer_Level(o.Level), Trl: int32(o.TRL), Detail: o.Detail.EN, //nolint:gosec // 0 to 9
		})
	}
	for _, n := range p.Needs {
		f.Needs = append(f.Needs, &tandemv1.Need{
			Capability: cat.Capability(n.Capability).Code, Aim: tandemv1.Need_Aim(n.Aim), Priority: tandemv1.Need_Priority(n.Priority), Detail: n.Detail.EN,
		})
	}
	for _, id := range p.Programs {
		f.Programs = append(f.Programs, "programs/"+id)
	}
	return f
}

// countryRegion is the profile's region if it lies in its country, as the register demands.
func countryRegion(_ *catalog.Catalog, p *matching.Profile) string {
	if len(p.Region) > 2 && p.Region[:2] == p.Country {
		return p.Region
	}
	return ""
}

// answers asks for what the echo will say, through the same chain.
func (s *serving) answers(ctx context.Context, register *server.Server) (map[string]*tandemv1.FindPartnersResponse, error) {
	pairings, answers := tandemv1.NewPairingServiceClient(register.Operator()), map[string]*tandemv1.FindPartnersResponse{}
	for _, id := range s.ids {
		answer, err := pairings.FindPartners(ctx, &tandemv1.FindPartnersRequest{Firm: id})
		for status.Code(err) == codes.Unavailable { // the first question has the market built, and a busy machine may need long
			time.Sleep(time.Second)
			answer, err = pairings.FindPartners(ctx, &tandemv1.FindPartnersRequest{Firm: id})
		}
		if err != nil {
			return nil, err
		}
		answers[id] = answer
	}
	return answers, nil
}

// time measures one face: first a tenth of the requests, so that it is warm, then all of them.
func (s *serving) time(f *face) error {
	if err := s.load(f, max(askedFirms, s.requests/10)); err != nil {
		return err
	}
	file := ""
	if s.profile != "" {
		file = filepath.Join(s.profile, f.name+".prof")
	}
	stop, err := profiled(file)
	if err != nil {
		return err
	}
	took, err := cpuOf(func() error { return s.load(f, s.requests) })
	f.took = took / time.Duration(s.requests)
	return errors.Join(err, stop())
}

// profiled writes a CPU profile of this process into a file, unless it has no name, until the returned function is called.
func profiled(name string) (stop func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(name) //nolint:gosec // the file that was asked for
	if err != nil {
		return nil, err
	}
	return func() error { pprof.StopCPUProfile(); return file.Close() }, pprof.StartCPUProfile(file)
}

func (s *serving) print(answers map[string]*tandemv1.FindPartnersResponse) {
	size := 0
	for _, a := range answers {
		size += proto.Size(a)
	}
	t := newTableWriter(s.out, fmt.Sprintf("findPartners, k = 10, %d firms, answers of %d bytes in the mean, %d connections", s.firms, size/len(answers), s.connections))
	t.AppendHeader(row("way", "server CPU, us a request", "to its echo", "floor", "stretch", ""))
	for _, f := range s.faces {
		us := fmt.Sprintf("%.0f", float64(f.took)/float64(time.Microsecond))
		if f.echo == "" {
			t.AppendRow(row(f.name, us, "", "", "", ""))
			continue
		}
		i := slices.IndexFunc(s.faces[:], func(other face) bool { return other.name == f.echo })
		ratio := float64(f.took) / float64(s.faces[i].took)
		g := goal{floor: f.floor, stretch: f.stretch, most: true}
		t.AppendRow(row(f.name, us, fmt.Sprintf("%.2f", ratio), f.floor, f.stretch, g.verdict(ratio)))
	}
	t.Render()
}
