"""What the servers of a measurement load: the product, with as many threads as the measurement asks for."""

import os
from concurrent.futures import ThreadPoolExecutor

from django.core.wsgi import get_wsgi_application

from config.asgi import application as application
from utils import waiting

waiting._threads = ThreadPoolExecutor(int(os.environ["BENCHMARK_THREADS"]), thread_name_prefix="apart")
wsgi = get_wsgi_application()
