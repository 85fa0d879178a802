"""The half that the patterns were written with."""

FINDINGS = r"""
Please write to «EMAIL anna.berg@example.org» about it.
My address is «EMAIL J.O'Neil+news@mail.example.co.uk», has it changed?
Wie erreiche ich «EMAIL jörg.müller@büro.example.de»?
E-mail: «EMAIL first_last99@sub.department.example.edu».
Send it to <«EMAIL ops-team@example.io»> and cc «EMAIL cto@example.io».
Contact «EMAIL max [at] example [dot] com», that is «EMAIL max@example.com».
mailto:«EMAIL sales@example.travel»?subject=Offer
You can reach «EMAIL paul (at) example (dot) net» at weekends.
Is «EMAIL 12345@qq.example.cn» still subscribed?
Ping «EMAIL root@server01.example.internal» on errors.
Call me on «PHONE +49 30 901820» tomorrow.
My number is «PHONE +1 (202) 555-0143».
Ring «PHONE +44 20 7946 0958» after six.
Tel. «PHONE +33 1 42 68 53 00»
Teléfono: «PHONE +34 912 345 678»
Mobil: «PHONE 0171 2345678»
Handy «PHONE 01712345678», bitte nicht nachts.
Reach us at «PHONE (030) 901820-15».
Rufen Sie «PHONE 0221/4710000» an.
Mon portable est le «PHONE 06 12 34 56 78».
Call «PHONE 202-555-0143» for the hotline.
Phone: «PHONE (415) 555-2671»
fax «PHONE 020 7946 0958»
Chiamami al «PHONE +39 06 6982 1234».
Bel «PHONE +31 20 624 1111» voor hulp.
Llame al «PHONE 912 345 678» por la tarde.
My mobile is «PHONE 07911 123456».
Dial «PHONE 1-800-356-9377» from the US.
電話 «PHONE 03-1234-5678» まで
Tel: «PHONE +81 3-1234-5678»
Ligue para «PHONE +351 21 342 1234».
Zadzwoń pod numer «PHONE +48 22 694 93 62».
«PHONE 0041 44 668 18 00» is our desk in Zurich.
WhatsApp «PHONE +91 98765 43210» works best.
Call «PHONE +61 2 9374 4000», extension 12.
Can you charge «CARD 4111 1111 1111 1111» again?
My card «CARD 5555-5555-5555-4444» was refused.
Amex «CARD 3782 822463 10005» expired.
Why was «CARD 4242424242424242» declined?
Visa «CARD 4012888888881881», valid to 08/29
Discover «CARD 6011 1111 1111 1117»
JCB card «CARD 3530 1113 3330 0000»
Diners «CARD 3056 930902 5904»
Pay it into «BANK DE89 3704 0044 0532 0130 00» please.
IBAN: «BANK GB29NWBK60161331926819»
Mon IBAN est «BANK FR14 2004 1010 0505 0001 3M02 606» merci.
Cuenta «BANK ES91 2100 0418 4502 0005 1332»
«BANK IT60X0542811101000000123456» è il mio conto
Rekening «BANK NL91 ABNA 0417 1643 00»
«BANK BE68 5390 0754 7034» is closed.
Konto «BANK CH93 0076 2011 6238 5295 7»
«BANK AT611904300234573201», Kontoinhaber Berg
numer konta «BANK PL61 1090 1014 0000 0712 1981 2874»
My bank account number is «BANK 12345678», sort code «BANK 20-00-00».
Wire it: routing number «BANK 021000021», account number «BANK 000123456789».
BLZ «BANK 37040044», Kontonummer «BANK 532013000» bei der Bank
My SSN is «ID 536-22-1234».
Social security number: «ID 536 22 1234»
NI number «ID AB123456C», is that enough?
His national insurance number is «ID JG 10 37 59 A».
DNI «ID 54362315K»
NIE: «ID X-2482300-W»
Codice fiscale «ID RCCMNL83S18D969H»
Numéro de sécurité sociale «ID 2 95 10 99 126 111 93»
Steuer-ID: «ID 36 574 261 809»
BSN «ID 111222333»
AHV-Nummer «ID 756.9217.0769.85»
PESEL «ID 44051401359»
personnummer «ID 880320-0016»
CPF: «ID 390.533.447-05»
Aadhaar number «ID 2341 2341 2346»
PAN «ID ACUPA7085R»
SIN «ID 123-456-782» of my son
身份证 «ID 360426199101010071»
My passport number is «ID C01X00T47».
Use «KEY AKIA{16u}» for the bucket.
The token ghp is «KEY ghp_{36a}».
GITLAB_TOKEN=«KEY glpat-{20a}»
Slack says «KEY xoxb-123456789012-{24a}» is revoked.
stripe.api_key = "«KEY sk_live_{24a}»"
export OPENAI_API_KEY=«KEY sk-proj-{40a}»
Authorization: Bearer «KEY eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{43b}»
Google key «KEY AIza{35b}» has no quota
The key is\n«KEY -----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA{64a}\n{64a}\n{20a}==\n-----END RSA PRIVATE KEY-----»
«KEY SG.{22a}.{43a}» gives 401
npm token «KEY npm_{36a}»
client_secret: "«KEY {40b}»"
Our api key is «KEY {32h}», does it still work?
It prints «KEY {44a}» when I start it.
postgres://shop:«PASSWORD s3cr3t-Pw»@db.example.org:5432/shop
https://deploy:«PASSWORD {20a}»@git.example.org/app.git
my password is «PASSWORD hunter2»
Password: «PASSWORD Tr0ub4dor&3»
DB_PASSWORD="«PASSWORD p@ssW0rd!99»"
Mein Passwort lautet «PASSWORD Sommer2024!»
mot de passe : «PASSWORD Azerty123!»
The PIN is «PASSWORD 4821».
"""

LOOK_ALIKES = r"""
Version 1.2.3.4 replaces 1.2.3.3.
It was released on 2024-05-12 at 10:15:30.
Am 12.05.2024 um 10:15 Uhr.
ISBN 978-3-16-148410-0 is out of print.
ISBN 0-306-40615-2
Order 123-4567890-1234567 has not arrived.
Order number 4006381333931
Invoice 2024-0005678 is due on 01.02.2025.
commit 9fceb02d0ae598e95dc970b74767f19372d61af8 broke it
sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
The MD5 is d41d8cd98f00b204e9800998ecf8427e.
Use the id 550e8400-e29b-41d4-a716-446655440000 in the call.
Listen on 192.168.100.200:8080.
Ping 2001:0db8:85a3:0000:0000:8a2e:0370:7334.
MAC 00:1A:2B:3C:4D:5E
Take part number 12-3456-789.
Serial 8R2X4711Q00123
Pi is 3.14159265358979.
Between 1,000,000 and 2,500,000 rows
It cost 1.234.567,89 EUR.
RFC 7519 describes it in section 4.1.1.
doi:10.1000/182 and 10.1038/nphys1170
CVE-2024-12345 is fixed in 3.2.1.
See git@github.com:example/project.git for the code.
pip install package@1.2.3
logo@2x.png is the larger one
@anna wrote it, not @paul.
Decorators such as @app.route come first.
npm i @types/node@20.11.5
systemctl start backup@daily.service
Set API_KEY to your own key.
api_key = os.environ["API_KEY"]
password = getpass.getpass()
PASSWORD=changeme
token: <your-token>
Authorization: Bearer $TOKEN
postgres://user:password@host:5432/name
https://example.org:8443/path@2
The password is wrong.
My password is too short, it says.
Reset your password: open the page Account.
The secret is to stir slowly.
The token is expired.
-----BEGIN PUBLIC KEY----- is the first line of the file.
A private key begins with -----BEGIN PRIVATE KEY----- and ends likewise.
4111 1111 1111 1112 fails the check.
Timestamp 1715500000000 is in milliseconds.
1715500000 seconds since 1970
IMEI 490154203237518
Tracking number 1Z999AA10123456784
EAN 4006381333931
Chapter 12, page 1234567
The port range 49152-65535 is free.
Coordinates 52.5200066, 13.404954
Room 030 901 on floor 3
Add 100 200 300 and 400.
Matrix rows 01 02 03 04 05 06
GUIDs have 32 digits.
CVE scores 9.8 and 7.5
Call the function parse_number(12345678).
Call 3 times 1000000 and stop.
dial-up at 56 kbit/s
Phone models 3310 and 8210
Text 12345 characters long
ring buffer of 1048576 entries
The contact form has 12 fields.
Windows build 10.0.19045.4291
Chrome/124.0.6367.208 Safari/537.36
base64 of "hello" is aGVsbG8=
A class named AbstractSingletonProxyFactoryBean123 exists.
/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30
org.springframework.boot.autoconfigure.SpringBootApplication
https://example.org/docs/2024/05/12/index-3f2a9c.html
docker pull nginx@sha256:0d17b565c37bcbd895e9d92315a05c1c3c9a29f762b011a10c54a66cd53c9b31
AB12 3456 7890 1234 is no account.
GB82 is the start of the code.
Account type 3 has no number.
The bank opened 12 accounts in 2023.
account 12345678 of the shop system
Use account number 2 in the list.
"""
