// Package certificates carries out IAM's operations on public keys and X.509
// certificates: the account's server certificates, the signing certificates of
// users and of the root user, and users' SSH keys for CodeCommit
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html).
//
// It owns what is taken for a key or certificate (pem.go, ssh.go) and says no
// more about it: whom a certificate's issuer is trusted by, and who serves TLS
// with it, are not its business. A server certificate's private key is sealed
// apart from its row and leaves the server in no reply.
package certificates
