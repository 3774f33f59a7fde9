# The antes command, for containers: one program that needs nothing beside it.
#
# Both builders of Docker read this file, the old one and BuildKit.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /source
COPY . .
# Linked statically, so that no library has to come along; without the model checker, which no node
# needs. The target is named because cargo would otherwise compile its own helpers that way too.
RUN host="$(rustc -vV | sed -n 's/^host: //p')" \
    && RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked \
        --package antes-node --no-default-features --target "$host" \
    && mkdir -p /image/data /image/secret \
    && cp "target/$host/release/antes" /image/antes \
    && rm -rf target
# A new volume has the owner of the folder that it is mounted on.
RUN chown 10001:10001 /image/data /image/secret && chmod 700 /image/data /image/secret

FROM scratch
COPY --from=build /image /
USER 10001:10001
ENTRYPOINT ["/antes"]
CMD ["node"]
