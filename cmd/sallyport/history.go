package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/rogpeppe/go-internal/diff"

	"sallyport/internal/api/sallyportapi"
)

type historyCmd struct {
	Entity string    `arg:"" help:"ARN or unique id of a user, group, role, customer managed policy, MFA device or another entity of IAM; for the account itself arn:aws:iam::ACCOUNT:root or the account id."`
	Since  time.Time `help:"Only changes at this time or later." placeholder:"TIME" format:"2006-01-02T15:04:05Z07:00"`
	Until  time.Time `help:"Only changes at this time or earlier." placeholder:"TIME" format:"2006-01-02T15:04:05Z07:00"`
	Max    int       `help:"Only the newest N changes; 0 for all." placeholder:"N"`

	Data        string `help:"The server's data folder, whose admin's profile signs the calls unless AWS_ACCESS_KEY_ID is set." default:"${data}" env:"SALLYPORT_DATA" type:"path" placeholder:"DIR"`
	EndpointURL string `name:"endpoint-url" help:"The server's URL (default: the profile's)." env:"AWS_ENDPOINT_URL" placeholder:"URL"`
}

// An entityEvent is a change as the reply has it.
type entityEvent struct {
	EntityId, EntityArn, RequestId, EventName, CallerArn string
	SourceIpAddress, UserAgent                           string
	Revision                                             uint64
	EventTime                                            float64 // seconds since 1970
	Changes                                              []struct{ Kind, Name, Before, After string }
}

// Run prints an entity's changes, the newest first.
func (c *historyCmd) Run(ctx context.Context) error {
	if c.Max < 0 {
		return fmt.Errorf("--max must not be negative")
	}
	client, err := newClient(c.Data, c.EndpointURL)
	if err != nil {
		return err
	}
	in := struct {
		Entity             string
		StartTime, EndTime jsontext.Value
		NextToken          string
	}{Entity: c.Entity, StartTime: seconds(c.Since), EndTime: seconds(c.Until)}
	for printed := 0; ; {
		var out struct {
			Events    []entityEvent
			NextToken string
		}
		if err := client.call(ctx, sallyportapi.OpGetEntityHistory, in, &out); err != nil {
			return err
		}
		for _, e := range out.Events {
			if printed > 0 {
				fmt.Fprintln(os.Stdout)
			}
			if err := printEvent(os.Stdout, &e); err != nil {
				return err
			}
			if printed++; printed == c.Max {
				return nil
			}
		}
		if out.NextToken == "" {
			return nil
		}
		in.NextToken = out.NextToken
	}
}

// seconds is a time as the protocol has it, to the millisecond; nothing for the
// zero time.
func seconds(t time.Time) jsontext.Value {
	if t.IsZero() {
		return nil
	}
	return strconv.AppendFloat(nil, float64(t.UnixMilli())/1000, 'f', 3, 64)
}

// printEvent prints one change: when, what and who, then the lines that differ.
func printEvent(w io.Writer, e *entityEvent) error {
	at := time.UnixMilli(int64(math.Round(e.EventTime * 1000))).UTC()
	fmt.Fprintf(w, "%s  %s  revision %d\n", at.Format("2006-01-02T15:04:05.000Z"), printable(e.EventName), e.Revision)
	fmt.Fprintf(w, "  of    %s  %s\n", printable(e.EntityArn), printable(e.EntityId))
	fmt.Fprintf(w, "  by    %s\n", printable(e.CallerArn))
	if e.SourceIpAddress != "" {
		fmt.Fprintf(w, "  from  %s  %s\n", printable(e.SourceIpAddress), printable(e.UserAgent))
	}
	fmt.Fprintf(w, "  id    %s\n", printable(e.RequestId))
	for _, c := range e.Changes {
		verb := "changed"
		switch {
		case c.Before == "":
			verb = "made"
		case c.After == "":
			verb = "removed"
		}
		fmt.Fprintf(w, "  %s %s %s\n", printable(c.Kind), printable(c.Name), verb)
		before, err := indented(c.Before)
		if err != nil {
			return err
		}
		after, err := indented(c.After)
		if err != nil {
			return err
		}
		printDifference(w, before, after)
	}
	return nil
}

// indented lays a document out in lines.
func indented(document string) ([]byte, error) {
	if document == "" {
		return nil, nil
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(document), "", "  "); err != nil {
		return nil, fmt.Errorf("the server sent a document that is not JSON: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// printDifference prints the lines that went and came, with those around them.
func printDifference(w io.Writer, before, after []byte) {
	for line := range strings.Lines(string(diff.Diff("before", before, "after", after))) {
		switch {
		case strings.HasPrefix(line, "diff "), strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
		case strings.HasPrefix(line, "@@ "):
		default:
			fmt.Fprintf(w, "    %s\n", printable(strings.TrimSuffix(line, "\n")))
		}
	}
}

// printable quotes what could take a terminal over: names and clients are what
// somebody chose.
func printable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return s
	}
	return strconv.QuoteToGraphic(s)
}
