package sallyporttest_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"sallyport/sallyporttest"
)

func TestNew(t *testing.T) {
	server := sallyporttest.New(t)
	client := iam.New(iam.Options{
		Region:       "us-east-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider(server.AccessKeyID, server.SecretAccessKey, ""),
	})
	created, err := client.CreateUser(context.Background(), &iam.CreateUserInput{UserName: aws.String("alice")})
	if err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:iam::" + server.AccountID + ":user/alice"; aws.ToString(created.User.Arn) != want {
		t.Errorf("created %s, want %s", aws.ToString(created.User.Arn), want)
	}

	stranger := iam.New(iam.Options{
		Region:       "us-east-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider(server.AccessKeyID, "not-the-secret", ""),
	})
	if _, err := stranger.GetUser(context.Background(), &iam.GetUserInput{}); err == nil {
		t.Error("a wrong secret was let in")
	}
}
