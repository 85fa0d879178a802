"""Whether the server at this port of the container answers: exits with 1 if it does not."""

import http.client
import sys

try:
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=2)
    connection.request("GET", "/api/health/", headers={"Host": "localhost"})
    status = connection.getresponse().status
except OSError:
    sys.exit(1)
# Where localhost is none of the names that it answers to, 400 says as much as 200 does.
sys.exit(status not in (200, 400))
