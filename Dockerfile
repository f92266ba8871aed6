# The pages, then the binary that holds them, then nothing but it. Run it with a read-only root and no capabilities:
#
#   docker run --read-only --cap-drop all -p 8000:8000 -v energy-parks:/data energy-parks

FROM node:20-bookworm-slim AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

# rust-toolchain.toml is left out: it names tools for developers that the image need not have.
FROM rust:1.95-slim-bookworm AS binary
WORKDIR /build
COPY Cargo.toml Cargo.lock build.rs ./
COPY migration migration
COPY src src
COPY --from=web /build/web/dist web/dist
RUN cargo build --release --locked --bin energy-parks

FROM debian:bookworm-slim
COPY --from=binary /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=binary /build/target/release/energy-parks /usr/local/bin/energy-parks
RUN mkdir /data && chown 10001:10001 /data
# Uploads are spooled where the container may write.
ENV LISTEN=0.0.0.0:8000 \
    DATABASE_URL=sqlite:///data/energy-parks.db \
    TMPDIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["energy-parks", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["energy-parks"]
CMD ["serve"]
