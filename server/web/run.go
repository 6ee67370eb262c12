package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/report"
)

func runRoutes() []route {
	return []route{
		{pattern: "GET /web/runs", who: staff, show: (*visit).runList},
		{pattern: "POST /web/runs", who: staff, show: (*visit).startRun},
		{pattern: "GET /web/runs/{run}", who: staff, show: (*visit).runPage},
		{pattern: "GET /web/runs/{run}/progress", who: staff, show: (*visit).runProgress},
		{pattern: "POST /web/runs/{run}/publish", who: staff, show: (*visit).publish},
		{pattern: "POST /web/runs/{run}/cancel", who: staff, show: (*visit).cancelRun},
		{pattern: "GET /web/runs/{run}/pairings", who: staff, show: (*visit).resultList},
		{pattern: "GET /web/runs/{run}/report", who: staff, show: (*visit).report},
		{pattern: "GET /web/runs/{run}/compare", who: staff, show: (*visit).compare},
	}
}

// runsOnPage is how many runs a page lists.
const runsOnPage = 25

// runList is a page of runs, with the form that starts one.
type runList struct {
	Runs        []*tandemv1.MatchRun
	First, Next string
	Top, AsOf   string
	Problem     *problem
}

func (v *visit) runList() error { return v.runListAs(http.StatusOK, runList{Top: "10"}) }

func (v *visit) runListAs(code int, list runList) error {
	token := v.query("page")
	page, err := v.runs().ListMatchRuns(v.ctx(), &tandemv1.ListMatchRunsRequest{PageSize: runsOnPage, PageToken: token})
	if err != nil {
		return err
	}
	list.Runs = page.GetMatchRuns()
	if token != "" {
		list.First = "/web/runs"
	}
	if page.GetNextPageToken() != "" {
		list.Next = pageLink("/web/runs", v.r.URL.Query(), page.GetNextPageToken())
	}
	return v.showAs(code, "runs", v.say("web.runs"), list)
}

func (v *visit) startRun() error {
	list := runList{Top: strings.TrimSpace(v.form("top")), AsOf: strings.TrimSpace(v.form("as_of"))}
	top, err := strconv.ParseInt(list.Top, 10, 32)
	if err != nil || top < 1 || top > 1000 {
		list.Problem = &problem{Fields: map[string]string{"match_run.top": v.say("web.runs.top.wrong")}}
		return v.runListAs(http.StatusBadRequest, list)
	}
	operation, err := v.runs().CreateMatchRun(v.ctx(), &tandemv1.CreateMatchRunRequest{
		MatchRun: &tandemv1.MatchRun{Top: int32(top), AsOf: list.AsOf}, RequestId: v.form("once"),
	})
	if err != nil {
		p := v.problemOf(err)
		list.Problem = &p
		return v.runListAs(http.StatusBadRequest, list)
	}
	metadata := new(tandemv1.MatchRunMetadata)
	if err := operation.GetMetadata().UnmarshalTo(metadata); err != nil {
		return err
	}
	return v.redirect("/web/runs/" + slug(metadata.GetMatchRun()))
}

// runView is one run.
type runView struct {
	Run         *tandemv1.MatchRun
	Done, Total int32
	Earlier     []*tandemv1.MatchRun
	Pictures    *pictures
	Saved       string
}

// Going tells whether the run has not ended.
func (r runView) Going() bool {
	return r.Run.GetState() == tandemv1.MatchRun_QUEUED || r.Run.GetState() == tandemv1.MatchRun_RUNNING
}

func (v *visit) run() (runView, error) {
	run, err := v.runs().GetMatchRun(v.ctx(), &tandemv1.GetMatchRunRequest{Name: "matchRuns/" + v.r.PathValue("run")})
	if err != nil {
		return runView{}, err
	}
	view := runView{Run: run}
	if !view.Going() {
		return view, nil
	}
	operation, err := longrunningpb.NewOperationsClient(v.conn).GetOperation(v.ctx(), &longrunningpb.GetOperationRequest{Name: run.GetOperation()})
	if err != nil {
		return view, err
	}
	metadata := new(tandemv1.MatchRunMetadata)
	if err := operation.GetMetadata().UnmarshalTo(metadata); err != nil {
		return view, err
	}
	view.Done, view.Total = metadata.GetDone(), metadata.GetTotal()
	return view, nil
}

func (v *visit) runPage() error {
	view, err := v.run()
	if err != nil {
		return err
	}
	if key := "web.done." + v.query("done"); v.door.Catalog.HasSentence(key) {
		view.Saved = v.say(key)
	}
	if view.Run.GetState() == tandemv1.MatchRun_SUCCEEDED {
		list, err := v.runs().ListMatchRuns(v.ctx(), &tandemv1.ListMatchRunsRequest{PageSize: 100})
		if err != nil {
			return err
		}
		for _, other := range list.GetMatchRuns() {
			if other.GetState() == tandemv1.MatchRun_SUCCEEDED && other.GetName() != view.Run.GetName() {
				view.Earlier = append(view.Earlier, other)
			}
		}
		if view.Pictures, err = v.pictures(view.Run); err != nil {
			return err
		}
	}
	return v.show("run", v.say("web.run.title", day(view.Run.GetCreateTime().AsTime())), view)
}

// runProgress is the live part of a run's page.
func (v *visit) runProgress() error {
	view, err := v.run()
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, "run-part", view)
}

func (v *visit) publish() error {
	name := "matchRuns/" + v.r.PathValue("run")
	if _, err := v.runs().PublishMatchRun(v.ctx(), &tandemv1.PublishMatchRunRequest{Name: name}); err != nil {
		return err
	}
	return v.redirect("/web/runs/" + v.r.PathValue("run") + "?done=published")
}

func (v *visit) cancelRun() error {
	if _, err := v.runs().CancelMatchRun(v.ctx(), &tandemv1.CancelMatchRunRequest{Name: "matchRuns/" + v.r.PathValue("run")}); err != nil {
		return err
	}
	return v.redirect("/web/runs/" + v.r.PathValue("run"))
}

// reportTypes are the media types and endings of report files.
var reportTypes = map[tandemv1.DownloadReportRequest_Format][2]string{
	tandemv1.DownloadReportRequest_HTML:  {"text/html; charset=utf-8", "html"},
	tandemv1.DownloadReportRequest_CSV:   {"text/csv; charset=utf-8", "csv"},
	tandemv1.DownloadReportRequest_JSONL: {"application/jsonl", "jsonl"},
	tandemv1.DownloadReportRequest_XLSX:  {workbookType, "xlsx"},
}

// workbookType is the media type of a workbook.
const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// report sends a report on as it comes. One as a page opens in the browser, every other one is saved.
func (v *visit) report() error {
	kind := tandemv1.DownloadReportRequest_Kind(tandemv1.DownloadReportRequest_Kind_value[v.query("kind")])
	format := tandemv1.DownloadReportRequest_Format(tandemv1.DownloadReportRequest_Format_value[v.query("format")])
	if kind == 0 || format == 0 {
		return errUnknownPage
	}
	request := &tandemv1.DownloadReportRequest{Name: "matchRuns/" + v.r.PathValue("run"), Kind: kind, Format: format, Language: v.language(), Bom: format == tandemv1.DownloadReportRequest_CSV}
	if base := v.query("base"); base != "" {
		request.Base = "matchRuns/" + base
	}
	stream, err := v.runs().DownloadReport(v.ctx(), request)
	if err != nil {
		return err
	}
	part, err := stream.Recv() // what is refused is refused before the first part
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", reportTypes[format][0])
	if format == tandemv1.DownloadReportRequest_HTML {
		h.Set("Content-Security-Policy", report.Policy())
	} else {
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="tandem-%s-%s.%s"`, strings.ToLower(kind.String()), v.lang, reportTypes[format][1]))
	}
	for ; err == nil; part, err = stream.Recv() {
		if _, err := v.w.Write(part.GetData()); err != nil {
			return nil // the reader is gone
		}
	}
	if !errors.Is(err, io.EOF) {
		panic(http.ErrAbortHandler) // half a report must not pass for a whole one
	}
	return nil
}
