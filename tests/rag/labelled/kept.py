"""The half that was kept back: written before the patterns were first run, and not tuned to."""

FINDINGS = r"""
Forward this to «EMAIL lena_k@studio.example.at», thanks.
who is «EMAIL marie-claire.dupont@mairie.example.fr»?
support mails go to «EMAIL help.desk@example.com.au»;
«EMAIL o.connor@example.ie» has left the company
Registriert mit «EMAIL k.weiß@example.ch» seit 2019
«EMAIL user%dept@relay.example.org» bounced
(«EMAIL a.b.c@x.example.museum»)
"Igor" <«EMAIL igor@почта.example.ru»>
Reply-To: «EMAIL noreply+42@lists.example.dev»
write to «EMAIL info[at]example[dot]org» or «EMAIL info@example.org»
my phone is «PHONE +43 1 58858 0»
«PHONE +45 33 66 33 66» is the town hall
Ruf mich unter «PHONE +49 (0)89 636 48018» an
Telefon «PHONE 089 63648018»
Hotline: «PHONE 0800 3301000»
The cell is «PHONE 917-555-0198».
text me: «PHONE (650) 253-0000»
«PHONE +1-416-555-0177» is her office
Appelez le «PHONE 01 42 68 53 00»
Mobile «PHONE +33612345678»
numéro de téléphone : «PHONE 04.91.55.11.11»
Móvil «PHONE 612 345 678»
telefono «PHONE 06 69821234»
cellulare «PHONE +39 347 123 4567»
mobiel «PHONE 06-12345678»
Contact «PHONE 0161 496 0000» in Manchester.
«PHONE 07700900123» never answers
tlf. «PHONE 22 24 90 90» i Oslo
puhelin «PHONE 09 310 1691»
«PHONE +46 8 508 290 00» Stockholm
phone «PHONE 02 9374 4000» from Sydney
my mobile: «PHONE 0412 345 678»
«PHONE +55 11 91234-5678» no celular
Celular «PHONE (11) 91234-5678»
mobile no «PHONE 98765 43210»
«PHONE +86 138 0013 8000» 微信同号
手机 «PHONE 13800138000»
携帯 «PHONE 090-1234-5678»
Call «PHONE +52 55 1234 5678»
«PHONE +27 21 487 1111» Cape Town
Tel «PHONE 0212 293 1000» İstanbul
Телефон: «PHONE +7 495 539-55-19»
my visa is «CARD 4000056655665556», why not accepted
MasterCard «CARD 5105 1051 0510 5100» was stolen
«CARD 2223 0031 2200 3222» cvv 123
amex: «CARD 371449635398431»
refund to «CARD 4917-6100-0000-0000» please
card number «CARD 6011000990139424»
charge card «CARD 3566002020360505»
«CARD 38520000023237» is a Diners card
transfer to «BANK SE45 5000 0000 0583 9825 7466»
«BANK NO93 8601 1117 947» eller vipps
Konto: «BANK DK5000400440116243»
tilinumero «BANK FI21 1234 5600 0007 85»
IBAN «BANK PT50 0002 0123 1234 5678 9015 4»
«BANK IE29 AIBK 9311 5212 3456 78» at AIB
my account «BANK LU28 0019 4006 4475 0000» in Luxembourg
číslo účtu «BANK CZ65 0800 0000 1920 0014 5399»
«BANK hu42 1177 3016 1111 1018 0000 0000» please
«BANK TR33 0006 1005 1978 6457 8413 26» hesabına
send it to «BANK SA0380000000608010167519» today
«BANK GR1601101250000000012300695»
The bank wants my account no. «BANK 87654321» and sort code «BANK 12-34-56»
direct debit from account «BANK 31926819», sort code «BANK 601613»
ABA «BANK 026009593» for wire transfers
BSB «BANK 062-000» and bank account «BANK 12345678»
ssn «ID 219-09-9999»
«ID 123-45-6789» is on the form as my social
NINO «ID JT654321D»
NHS number «ID 943 476 5919»
mi DNI es «ID 12345678Z»
NIE «ID Y1234567X»
c.f. «ID MRTMTT91D08F205J»
n° sécu «ID 1 85 05 78 006 084 91»
IdNr «ID 65929970489»
burgerservicenummer «ID 123456782»
rijksregisternummer «ID 85.07.30-033.28»
AHV «ID 7569217076985»
PESEL: «ID 02070803628»
«ID 19121212-1212» är mitt personnummer
henkilötunnus «ID 131052-308T»
CPR-nummer «ID 211062-5629»
fødselsnummer «ID 15108695088»
meu CPF é «ID 529.982.247-25»
CPF «ID 52998224725»
my aadhaar is «ID 2341 2341 2346»
주민등록번호 «ID 971013-9019902»
CURP «ID BOXW310820HNERXN09»
tax file number «ID 123 456 782»
rodné číslo «ID 710319/2745»
T.C. Kimlik No «ID 17291716060»
CNP «ID 1630615123457»
Reisepass-Nr. «ID C4J5XK7L2»
aws_access_key_id = «KEY AKIA{16u}»
temporary key «KEY ASIA{16u}» fails
git clone with «KEY github_pat_{22a}_{59a}»
CI uses «KEY ghs_{36a}»
«KEY xoxp-{12a}-{24a}» was posted in the channel
hook https://hooks.slack.com/services/«KEY T{8u}/B{10u}/{24a}»
STRIPE=«KEY rk_live_{30a}»
«KEY sk-ant-api03-{80b}AA» is rate limited
HF_TOKEN «KEY hf_{34a}»
pinecone «KEY pcsk_{60a}»
twilio sid «KEY AC{32h}»
pypi «KEY pypi-AgEIcHlwaS5vcmc{70b}»
bot token «KEY 123456789:AA{33b}»
DO «KEY dop_v1_{64h}»
x-api-key: «KEY {40a}»
access token = «KEY {32a}»
secret: «KEY {40h}»
AccountKey=«KEY {86a}==»;EndpointSuffix=core.windows.net
«KEY -----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA{50a}\n{70a}\n-----END OPENSSH PRIVATE KEY-----»
«KEY eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2V4YW1wbGUub3JnIn0.{86b}» expired
curl -H "Authorization: Basic «KEY YWRtaW46{16a}=»" https://example.org
the log shows {8h} and «KEY {48b}x9»
redis://:«PASSWORD {24a}»@cache.example.org:6379
amqp://worker:«PASSWORD w0rkerPass»@mq.example.org
passwd: «PASSWORD qwerty!2023»
Kennwort: «PASSWORD Herbst#77»
contraseña: «PASSWORD Verano2024»
wachtwoord is «PASSWORD Welkom01!»
senha: «PASSWORD Mudar@123»
my wifi password is «PASSWORD Blue-Whale-42»
pwd=«PASSWORD 9xK!mm2Lq»
pin code: «PASSWORD 9075»
"""

LOOK_ALIKES = r"""
Python 3.11.9 and Node 20.11.1 are supported.
Between 12.05.2023 and 31.12.2024
on 2023/11/05 14:22:07,123
2024-05-12T10:15:30.123456+02:00
from 9:00 to 17:30, Mo-Fr
ISBN-13: 9783161484100
ISSN 2049-3630
ASIN B07XJ8C8F5
Bestellnummer 0171234567 ist unterwegs
Rechnung Nr. 20240512-001
Artikelnummer 4711-0815-99
commande 0612345678 expédiée
your ticket 555-123-4567 is closed
case 2024-123-4567
Tracking 00340434161094042557
lot number 0301 4455 66
SKU 4000-1234-5678-9010
git show 1f7a2c9 3e4d5f6
tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
crc32 0x1a2b3c4d
ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
traceId 4bf92f3577b34da6a3ce929d0e0e4736
f47ac10b-58cc-4372-a567-0e02b2c3d479
sha512-{20h}
10.0.0.0/8 and 172.16.0.0/12
fe80::1ff:fe23:4567:890a
255.255.255.0
port 5432, then 6379
02:42:ac:11:00:02
E = 2.718281828459045
0.000012345678
16777216 colours
1 000 000 000 000
3,141,592,653
$1,234,567.89
99.999 %
5 x 10^23
1920x1080 at 60 Hz
4096 8192 16384 32768
0123456789abcdef
00000000 00000001 00000010
0755 and 0644
000000010000000000000001
row 0012345678 of 9999999999
lines 1200-1450
pages 123-456
§ 823 Abs. 1 BGB
Art. 6(1)(f) GDPR
ISO 8601, ISO/IEC 27001:2022
DIN EN 60529
RFC 5322 3.4.1
HTTP 404, 500-599
error 0x80070005
KB5034441
CVE-2021-44228
PEP 484 and 585
E5-2690 v4
i7-1185G7
Model WH-1000XM5
USB 3.2 Gen 2x2
Type 316L, M8x1.25
UN 1203
CAS 7732-18-5
H2SO4 98%
size 42-44
1-2-3-4-5-6-7-8-9
(1) 2 (3) 4
tel aviv has 460613 inhabitants
Call center of 1500 agents
call stack depth 10000000
text width 1200000000
contact angle of 120.5 degrees
bel canto 1830
mobile first since 2012
Phone 2.1 was released in 2024
signal 15 ends the process
fax machines of 1985
reach 99999999 users
name@version is how packages are named
user@host without a domain
a@b
foo@bar.tar.gz
getty@tty1.service
ssh://git@gitlab.com/group/project.git
me @ home
x@1.0.0-beta.2
@media (max-width: 600px)
icons@3x.png
email: name at company
@pytest.mark.parametrize
s3://bucket/key/2024/05/12/part-00000.parquet
com.example.app.MainActivityViewModelFactory2
getElementsByTagNameAndAttributeValue2024
MyVeryLongTestClassNameWithNumbers123AndMore
this-is-a-long-slug-with-2-numbers-and-10-words
CONSTANT_NAME_WITH_MANY_PARTS_2024
x86_64-unknown-linux-gnu-gcc-13
data-testid-checkout-button-primary-2
libfoo1.2-dev_1.2.3-4ubuntu5_amd64
/var/lib/docker/overlay2/3f2a9c
password: string
password = forms.CharField(max_length=128)
"password": "password"
token = request.headers.get("X-Token")
secret = settings.SECRET_KEY
SECRET_KEY=${SECRET_KEY}
api_key: {{ api_key }}
API_KEY=xxxxxxxxxxxx
access_token: YOUR_ACCESS_TOKEN_HERE_123
Bearer <token>
Authorization: Bearer YOUR_TOKEN_GOES_HERE
The password is at least 12 characters long.
Das Passwort ist abgelaufen.
Ma contraseña is not accepted
The API key is missing.
Is the secret key rotated?
passport control opens at 6
http://user@example.org/
ftp://anonymous:guest@
mysql://root:example@localhost
https://example.org/a:b@c
ssh-rsa is older than ed25519
the key sk-test is short
AKIAIOSFODNN7EXAMPLE is AWS's own example
sk_test_ is the prefix of test keys
hash $2b$12$ begins a bcrypt
pin 4 is ground, pin 13 drives the LED
PIN header 2x20
DE 12345 Berlin
IT 60 minutes
NL 91 percent
FR14 is a room
GB29 XXXX 6016 1331 9268 19
account balance 1234567.00
bank holiday on 26-12-2024
customer account 1000123456
IBAN has up to 34 characters.
4000 1234 5678 9010 is a Luhn failure
5500 rpm 6000 rpm 6500 rpm
6011 articles, 1117 pages
3782 82246 3100
219-099-9999 widgets
12-345-67
SSN has nine digits.
987-65-432
PAN stands for personal area network
sin 30 = 0.5
NIF format of 2020
"""
