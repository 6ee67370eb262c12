package server

import (
	"context"
	"strconv"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// The language in which a caller is told of errors: that of its request, where the request names one; else what its Accept-Language says,
// a header over REST and metadata over gRPC; else English.

// languageHeader is Accept-Language, as metadata spells it.
const languageHeader = "accept-language"

// tongue is the language of a call; the chain finds out more as it reads.
type tongue struct{ language catalog.Language }

type tongueKey struct{}

// languageOfCall is the language in which the caller of a call is told of errors.
func languageOfCall(ctx context.Context) catalog.Language {
	if t, ok := ctx.Value(tongueKey{}).(*tongue); ok {
		return t.language
	}
	from, _ := ctx.Value(originKey{}).(origin)
	return from.language()
}

// hear takes the language that a request names.
func hear(ctx context.Context, request any) {
	if file, ok := request.(interface {
		GetOptions() *tandemv1.ImportFirmsRequest_Options
	}); ok {
		request = file.GetOptions()
	}
	named, ok := request.(interface{ GetLanguage() tandemv1.Language })
	if t, called := ctx.Value(tongueKey{}).(*tongue); ok && called && named.GetLanguage() != tandemv1.Language_LANGUAGE_UNSPECIFIED {
		t.language = languageOf(named.GetLanguage())
	}
}

// language is what the caller's transport says of its language.
func (o origin) language() catalog.Language { return AcceptedLanguage(o.languages...) }

// AcceptedLanguage picks the language that an Accept-Language header prefers of those that Tandem has; English where it has none.
func AcceptedLanguage(headers ...string) catalog.Language {
	best, weight := catalog.EN, 0.0
	for _, item := range strings.Split(strings.Join(headers, ","), ",") {
		tag, parameters, _ := strings.Cut(strings.TrimSpace(item), ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		language, err := catalog.ParseLanguage(primary)
		if err != nil {
			continue
		}
		q := 1.0
		if value, ok := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q="); ok {
			if q, err = strconv.ParseFloat(value, 64); err != nil {
				continue
			}
		}
		if q > weight {
			best, weight = language, q
		}
	}
	return best
}
