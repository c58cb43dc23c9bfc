package main

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/stsapi"
	"sallyport/sigv4"
)

// The administrator of every server that is measured, and its account.
const (
	account     = "111122223333"
	adminKey    = "AKIAIOSFODNN7EXAMPLE"
	adminSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

var admin = sigv4.Credentials{AccessKeyID: adminKey, SecretAccessKey: adminSecret}

const region = "us-east-1"

// host is the Host of requests, which are signed before the address is known.
const host = "localhost"

// callerIdentity is a presigned GetCallerIdentity, as a client's token for a
// third party.
func callerIdentity(now time.Time) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, "http://"+host+"/?"+url.Values{
		"Action": {"GetCallerIdentity"}, "Version": {stsapi.Service.APIVersion},
	}.Encode(), nil)
	if err != nil {
		return nil, err
	}
	if r.URL, err = sigv4.Presign(r, admin, sigv4.HashBody(nil), "sts", region, 15*time.Minute, now); err != nil {
		return nil, err
	}
	return wire(r)
}

// call is an IAM call signed in its header. parameters are names and values in
// turn.
func call(now time.Time, action string, parameters ...string) ([]byte, error) {
	return signed(now, iamapi.Service, "iam", action, parameters)
}

// stsCall is an STS call signed in its header.
func stsCall(now time.Time, action string, parameters ...string) ([]byte, error) {
	return signed(now, stsapi.Service, "sts", action, parameters)
}

func signed(now time.Time, service *api.Service, scope, action string, parameters []string) ([]byte, error) {
	form := url.Values{"Action": {action}, "Version": {service.APIVersion}}
	for i := 0; i < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	body := form.Encode()
	r, err := http.NewRequest(http.MethodPost, "http://"+host+"/", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if err := sigv4.SignHTTP(r, admin, sigv4.HashBody([]byte(body)), scope, region, now); err != nil {
		return nil, err
	}
	return wire(r)
}

// wire is the request as bytes.
func wire(r *http.Request) ([]byte, error) {
	r.Header.Set("User-Agent", "aws-cli/2.15.0 md/Botocore")
	var b bytes.Buffer
	err := r.Write(&b)
	return b.Bytes(), err
}
