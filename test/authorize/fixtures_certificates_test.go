package authorize

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"time"

	"sallyport/test/inprocess"
)

// certificate and privateKey are one pair of PEM for everything here; sshKey is
// one that nobody has the private key of.
var certificate, privateKey = makeCertificate()

const sshKey = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDGwRekuYa6mG8RgloSqDobKMCvRMpr7SCrB0unUnTaQ8Uz3zt5C6YomLZz6dr+TKMFa23tFkvOBCHDYY3iyOyb" +
	"pFO8TSDR7Pi2I8VI4RT0h81IDT5y7CzSxXmTEI9IjibpmjzKqHAg2f/0I4hn+1NUZ4TFIzgVt6UTzzctLF+jpJJ3ijPP/vDFgbo6Jhh2e1f7ay0e6qfRQLWifp08" +
	"XQv4Bvq7+RsEyqrQ4xni/SP3PeH3dOSav3dFv+hPJTSv/3Ed1hpVikSScTBX40hQlr8LZl/Bdl0uh8yqyw0xTWtDdxCHob21u0uvwxvpVLWFatHQQgcO2XRklMdH" +
	"M+JqDxIH"

func makeCertificate() (certificate, key string) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: inprocess.Start.Add(-time.Hour), NotAfter: inprocess.Start.Add(time.Hour)}
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

const www = iamARN + "server-certificate/www"

var (
	ofAlice = p{"UserName": "alice"}
	ofWWW   = p{"ServerCertificateName": "www"}

	giveSSHKey  = step{"iam:UploadSSHPublicKey", with(ofAlice, "SSHPublicKeyBody", sshKey)}
	giveSigning = step{"iam:UploadSigningCertificate", with(ofAlice, "CertificateBody", certificate)}
	giveService = step{"iam:CreateServiceSpecificCredential", with(ofAlice, "ServiceName", "codecommit.amazonaws.com")}
	makeWWW     = step{"iam:UploadServerCertificate", with(ofWWW, "CertificateBody", certificate, "PrivateKey", privateKey)}

	listSSHKeys = step{"iam:ListSSHPublicKeys", ofAlice}
	listSigning = step{"iam:ListSigningCertificates", ofAlice}
	listService = step{"iam:ListServiceSpecificCredentials", ofAlice}
	getWWW      = step{"iam:GetServerCertificate", ofWWW}
)

var certificateFixtures = map[string]fixture{
	giveSSHKey.call:          {[]step{makeAlice}, giveSSHKey.in, on(alice), listSSHKeys},
	"iam:GetSSHPublicKey":    {[]step{makeAlice, giveSSHKey}, with(ofAlice, "SSHPublicKeyId", madeID, "Encoding", "SSH"), on(alice), step{}},
	listSSHKeys.call:         {[]step{makeAlice}, ofAlice, on(alice), step{}},
	"iam:UpdateSSHPublicKey": {[]step{makeAlice, giveSSHKey}, with(ofAlice, "SSHPublicKeyId", madeID, "Status", "Inactive"), on(alice), listSSHKeys},
	"iam:DeleteSSHPublicKey": {[]step{makeAlice, giveSSHKey}, with(ofAlice, "SSHPublicKeyId", madeID), on(alice), listSSHKeys},

	giveSigning.call:               {[]step{makeAlice}, giveSigning.in, on(alice), listSigning},
	listSigning.call:               {[]step{makeAlice}, ofAlice, on(alice), step{}},
	"iam:UpdateSigningCertificate": {[]step{makeAlice, giveSigning}, with(ofAlice, "CertificateId", madeID, "Status", "Inactive"), on(alice), listSigning},
	"iam:DeleteSigningCertificate": {[]step{makeAlice, giveSigning}, with(ofAlice, "CertificateId", madeID), on(alice), listSigning},

	giveService.call:                      {[]step{makeAlice}, giveService.in, on(alice), listService},
	listService.call:                      {[]step{makeAlice}, ofAlice, on(alice), step{}},
	"iam:UpdateServiceSpecificCredential": {[]step{makeAlice, giveService}, with(ofAlice, "ServiceSpecificCredentialId", madeID, "Status", "Inactive"), on(alice), listService},
	"iam:ResetServiceSpecificCredential":  {[]step{makeAlice, giveService}, with(ofAlice, "ServiceSpecificCredentialId", madeID), on(alice), step{}},
	"iam:DeleteServiceSpecificCredential": {[]step{makeAlice, giveService}, with(ofAlice, "ServiceSpecificCredentialId", madeID), on(alice), listService},

	makeWWW.call:                    {nil, makeWWW.in, on(www), getWWW},
	getWWW.call:                     {[]step{makeWWW}, ofWWW, on(www), step{}},
	"iam:ListServerCertificates":    {nil, nil, on(iamARN + "server-certificate/"), step{}},
	"iam:UpdateServerCertificate":   {[]step{makeWWW}, with(ofWWW, "NewPath", "/cloudfront/"), on(www, iamARN+"server-certificate/cloudfront/www"), getWWW},
	"iam:DeleteServerCertificate":   {[]step{makeWWW}, ofWWW, on(www), getWWW},
	"iam:TagServerCertificate":      {[]step{makeWWW}, with(tagged, "ServerCertificateName", "www"), on(www), getWWW},
	"iam:UntagServerCertificate":    {[]step{makeWWW, {"iam:TagServerCertificate", with(tagged, "ServerCertificateName", "www")}}, with(untag, "ServerCertificateName", "www"), on(www), getWWW},
	"iam:ListServerCertificateTags": {[]step{makeWWW}, ofWWW, on(www), step{}},
}
