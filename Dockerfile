# The antes command for containers: a single program without libraries.
#
# Both builders of Docker can read this file: the old one and BuildKit.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /source
COPY . .
# The program is linked statically, so it needs no libraries. The model checker is left out, since nodes
# do not need it. Without a named target, cargo would link build scripts statically too.
RUN host="$(rustc -vV | sed -n 's/^host: //p')" \
    && RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked \
        --package antes-node --no-default-features --target "$host" \
    && mkdir -p /image/data /image/secret \
    && cp "target/$host/release/antes" /image/antes \
    && rm -rf target
# A new volume gets the owner of the folder at its mount point.
RUN chown 10001:10001 /image/data /image/secret && chmod 700 /image/data /image/secret

FROM scratch
COPY --from=build /image /
USER 10001:10001
ENTRYPOINT ["/antes"]
CMD ["node"]
