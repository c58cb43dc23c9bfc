<?php
// Writes metadata and responses with SimpleSAMLphp's libraries, which are another
// implementation than the one under test: php make.php PATH_OF_SIMPLESAMLPHP.
// Run it in its folder; the results are committed.

require_once $argv[1] . '/lib/_autoload.php';

use RobRichards\XMLSecLibs\XMLSecurityKey;
use SAML2\Assertion;
use SAML2\Constants;
use SAML2\Response;
use SAML2\XML\saml\Issuer;
use SAML2\XML\saml\NameID;
use SAML2\XML\saml\SubjectConfirmation;
use SAML2\XML\saml\SubjectConfirmationData;

SAML2\Compat\ContainerSingleton::setContainer(new class extends SAML2\Compat\AbstractContainer {
    public function getLogger(): Psr\Log\LoggerInterface { return new Psr\Log\NullLogger(); }
    public function generateId(): string { return '_assertion'; }
    public function debugMessage($message, string $type): void {}
    public function redirect(string $url, array $data = []): void {}
    public function postRedirect(string $url, array $data = []): void {}
    public function getTempDir(): string { return sys_get_temp_dir(); }
    public function writeFile(string $filename, string $data, int $mode = null): void {}
});

const NOW = 1772600707; // 2026-03-04T05:05:07Z
const RECIPIENT = 'https://signin.example.com/saml';
const AWS = 'https://aws.amazon.com/SAML/Attributes/';

$key = new XMLSecurityKey(XMLSecurityKey::RSA_SHA256, ['type' => 'private']);
$key->loadKey(file_get_contents('../keys/idp.key.pem'));
$certificate = file_get_contents('../keys/idp.crt.pem');

function issuer(): Issuer
{
    $issuer = new Issuer();
    $issuer->setValue('https://idp.example.com/saml');
    return $issuer;
}

function assertion(): Assertion
{
    $name = new NameID();
    $name->setValue('_cbb88bf5&2c2510');
    $name->setFormat(Constants::NAMEID_PERSISTENT);
    $data = new SubjectConfirmationData();
    $data->setRecipient(RECIPIENT);
    $data->setNotOnOrAfter(NOW + 300);
    $confirmation = new SubjectConfirmation();
    $confirmation->setMethod(Constants::CM_BEARER);
    $confirmation->setSubjectConfirmationData($data);
    $a = new Assertion();
    $a->setId('_assertion');
    $a->setIssuer(issuer());
    $a->setIssueInstant(NOW);
    $a->setNotBefore(NOW - 60);
    $a->setNotOnOrAfter(NOW + 300);
    $a->setSessionNotOnOrAfter(NOW + 8 * 3600);
    $a->setAuthnInstant(NOW);
    $a->setAuthnContextClassRef(Constants::AC_PASSWORD);
    $a->setValidAudiences(['urn:amazon:webservices']);
    $a->setNameId($name);
    $a->setSubjectConfirmation([$confirmation]);
    $a->setAttributeNameFormat(Constants::NAMEFORMAT_URI);
    $a->setAttributes([
        AWS . 'Role' => ['arn:aws:iam::111122223333:role/reader,arn:aws:iam::111122223333:saml-provider/example'],
        AWS . 'RoleSessionName' => ['diego@example.com'],
        'urn:oid:2.5.4.3' => ["Diégo & Ramírez", ''],
    ]);
    return $a;
}

function response($assertion): Response
{
    $r = new Response();
    $r->setId('_response');
    $r->setIssuer(issuer());
    $r->setIssueInstant(NOW);
    $r->setDestination(RECIPIENT);
    $r->setAssertions([$assertion]);
    return $r;
}

function save(string $name, DOMElement $el): void
{
    file_put_contents($name, $el->ownerDocument->saveXML($el));
}

// As SimpleSAMLphp is set up by default: both are signed.
$a = assertion();
$a->setSignatureKey($key);
$a->setCertificates([$certificate]);
$r = response($a);
$r->setSignatureKey($key);
$r->setCertificates([$certificate]);
save('simplesamlphp-both.xml', $r->toSignedXML());

$public = new XMLSecurityKey(XMLSecurityKey::RSA_OAEP_MGF1P, ['type' => 'public']);
$public->loadKey(file_get_contents('../keys/decrypt.pub.pem'));
$encrypted = new SAML2\EncryptedAssertion();
$encrypted->setAssertion($a, $public);
save('simplesamlphp-encrypted.xml', response($encrypted)->toUnsignedXML());

$builder = new SimpleSAML\Metadata\SAMLBuilder('https://idp.example.com/saml');
$builder->addMetadataIdP20([
    'entityid' => 'https://idp.example.com/saml',
    'SingleSignOnService' => [['Binding' => Constants::BINDING_HTTP_REDIRECT, 'Location' => 'https://idp.example.com/sso']],
    'keys' => [['type' => 'X509Certificate', 'signing' => true, 'encryption' => true,
        'X509Certificate' => preg_replace('/-----[^-]+-----|\s/', '', $certificate)]],
]);
file_put_contents('simplesamlphp-metadata.xml', $builder->getEntityDescriptorText());
