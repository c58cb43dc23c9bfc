package clients

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"time"

	"sallyport/test/clients/harness"
)

// sshKey is a public key that nobody has the private key of.
const sshKey = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDGwRekuYa6mG8RgloSqDobKMCvRMpr7SCrB0unUnTaQ8Uz3zt5C6YomLZz6dr+TKMFa23tFkvOBCHDYY3iyOyb" +
	"pFO8TSDR7Pi2I8VI4RT0h81IDT5y7CzSxXmTEI9IjibpmjzKqHAg2f/0I4hn+1NUZ4TFIzgVt6UTzzctLF+jpJJ3ijPP/vDFgbo6Jhh2e1f7ay0e6qfRQLWifp08" +
	"XQv4Bvq7+RsEyqrQ4xni/SP3PeH3dOSav3dFv+hPJTSv/3Ed1hpVikSScTBX40hQlr8LZl/Bdl0uh8yqyw0xTWtDdxCHob21u0uvwxvpVLWFatHQQgcO2XRklMdH" +
	"M+JqDxIH"

var certificate, privateKey = makeCertificate()

// makeCertificate makes a certificate that signs itself.
func makeCertificate() (certificate, key string) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		panic(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

var certificateCases = []harness.Case{
	{Name: "access to repositories", Steps: []harness.Step{
		createUser("alice"),
		{
			As: "admin", Service: "iam", Operation: "UploadSSHPublicKey", Params: P{"UserName": "alice", "SSHPublicKeyBody": sshKey},
			Save: map[string]string{"key": "SSHPublicKey.SSHPublicKeyId"},
			Want: harness.Want{Fields: P{"SSHPublicKey.Fingerprint": harness.Match("^([0-9a-f]{2}:){15}[0-9a-f]{2}$"), "SSHPublicKey.Status": "Active"}},
		},
		admin("GetSSHPublicKey", P{"UserName": "alice", "SSHPublicKeyId": "{{key}}", "Encoding": "SSH"}, harness.Want{Fields: P{"SSHPublicKey.SSHPublicKeyBody": sshKey}}),
		{
			As: "admin", Service: "iam", Operation: "CreateServiceSpecificCredential", Params: P{"UserName": "alice", "ServiceName": "codecommit.amazonaws.com"},
			Save: map[string]string{"git": "ServiceSpecificCredential.ServiceSpecificCredentialId"},
			Want: harness.Want{Fields: P{"ServiceSpecificCredential.ServiceUserName": "alice-at-{{account}}", "ServiceSpecificCredential.ServicePassword": harness.Match("^.{44}$")}},
		},
		admin("ListServiceSpecificCredentials", P{"UserName": "alice"}, harness.Want{
			Fields: P{"ServiceSpecificCredentials": harness.Count(1)}, Absent: []string{"ServiceSpecificCredentials.0.ServicePassword"},
		}),
		admin("ResetServiceSpecificCredential", P{"UserName": "alice", "ServiceSpecificCredentialId": "{{git}}"},
			harness.Want{Fields: P{"ServiceSpecificCredential.ServicePassword": harness.Match("^.{44}$")}}),
		admin("DeleteSSHPublicKey", P{"UserName": "alice", "SSHPublicKeyId": "{{key}}"}, harness.Want{}),
		admin("DeleteUser", P{"UserName": "alice"}, conflict("DeleteConflict", "Cannot delete entity, must remove referenced objects first.")),
		admin("DeleteServiceSpecificCredential", P{"UserName": "alice", "ServiceSpecificCredentialId": "{{git}}"}, harness.Want{}),
		admin("DeleteUser", P{"UserName": "alice"}, harness.Want{}),
	}},

	{Name: "a server certificate", Steps: []harness.Step{
		admin("UploadServerCertificate", P{"ServerCertificateName": "www", "CertificateBody": certificate, "PrivateKey": privateKey},
			harness.Want{Fields: P{"ServerCertificateMetadata.Arn": "arn:aws:iam::{{account}}:server-certificate/www"}}),
		admin("UpdateServerCertificate", P{"ServerCertificateName": "www", "NewPath": "/cloudfront/"}, harness.Want{}),
		admin("GetServerCertificate", P{"ServerCertificateName": "www"}, harness.Want{
			Fields: P{"ServerCertificate.ServerCertificateMetadata.Path": "/cloudfront/", "ServerCertificate.Tags": harness.Count(0)},
			Absent: []string{"ServerCertificate.CertificateChain", "ServerCertificate.PrivateKey"},
		}),
		admin("DeleteServerCertificate", P{"ServerCertificateName": "www"}, harness.Want{}),
		admin("GetServerCertificate", P{"ServerCertificateName": "www"}, notFound("The Server Certificate with name www cannot be found.")),
	}},
}
