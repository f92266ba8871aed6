# Two commands on a fresh machine with cargo and Node 20: `make run` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test web binary image schema bench

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: web ## builds everything, quickly, and serves a demo portfolio on http://127.0.0.1:8000
	@source scripts/packages.sh && need_rust && cargo build --profile quick --locked --quiet
	@exec target/quick/energy-parks serve --demo

test: ## everything that CI runs
	@scripts/test.sh

web: ## builds the pages, where their sources changed
	@scripts/web.sh

binary: web ## target/release/energy-parks, optimized, the pages included
	@source scripts/packages.sh && need_rust && cargo build --release --locked --quiet

image: ## the Docker image energy-parks:latest, by docker, podman or buildah
	@scripts/image.sh

schema: web ## rewrites schema.graphql from the code
	@cargo run --locked --quiet -- schema > target/schema.graphql && mv target/schema.graphql schema.graphql

bench: binary ## loads ten million readings into both databases beside a reader; see scripts/bench.sh
	@scripts/bench.sh
