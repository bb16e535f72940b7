# Two commands matter: `make run` and `make test`. `make help` lists the rest.
# Everything built lives in .venv, web/node_modules and a cache outside the checkout (SALON_CACHE).

PYTHON ?= python3
SCRIPT = $(PYTHON) scripts
.DEFAULT_GOAL := help
.PHONY: help run test check fix build web bench-sfu bench-recording bench-meetings bench-signin bench-captions bench-models bench-call fuzz-api soak clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

run: ## prepare everything and serve Salon (http://localhost:8800; SALON_HOST, SALON_PORT, SALON_DATA_DIR, …)
	@$(SCRIPT)/run.py

test: ## run every test: Rust, Python, TypeScript, real browsers
	@$(SCRIPT)/test.py

check: ## lint, types, layers, formats, bundle size
	@$(SCRIPT)/check.py

fix: ## format, and mend what linters can mend
	@$(SCRIPT)/fix.py

build: ## Python environment, engine and web client, without serving
	@$(SCRIPT)/prepare.py

web: ## the web client only
	@$(SCRIPT)/prepare.py web

bench-sfu: ## CPU per forwarded packet of the engine alone, as a ratio to the floor of this machine
	@$(SCRIPT)/bench_sfu.py

bench-recording: ## CPU of recording, as a ratio to forwarding; eight rooms of four recorded at once, and what is lost
	@$(SCRIPT)/bench_sfu.py --record $$(mktemp -d) --seconds 8
	@$(SCRIPT)/bench_sfu.py --record $$(mktemp -d) --rooms 8x4 --seconds 20

bench-meetings: ## lists of meetings with 100,000 of them beside 100, on both databases, as a ratio
	@$(SCRIPT)/bench.py meetings

bench-signin: ## other requests during 200 sign-ins at once beside the idle server, as a ratio
	@$(SCRIPT)/bench.py signin

bench-captions: ## eight people who talk all the time, captioned on this machine: lag, what is left out, the SFU's latency
	@$(SCRIPT)/bench.py captions

bench-models: ## errors, time and memory of the models that are here, on speech of Debian's asterisk-core-sounds-*-wav
	@$(SCRIPT)/prepare.py python engine models
	@.venv/bin/salon models bench

bench-call: ## how soon real browsers see, hear and read each other; fails beyond the aims
	@$(SCRIPT)/test.py aims

fuzz-api: ## ten thousand requests made up from the OpenAPI document; make test sends some thousands
	@SALON_FUZZ_EXAMPLES=22 $(SCRIPT)/test.py fuzz

soak: ## the slow sweeps: kills in the middle of writes and of recordings, the film of a minute's call
	@SALON_KILL_ROUNDS=5 SALON_RECORDING_KILLS=10 SALON_FILM_S=60 $(SCRIPT)/test.py kills recordings

clean: ## remove what was built in this checkout (not data/, not the cache outside)
	@rm -rf .venv web/node_modules src/salon/web_dist src/salon/_sfu*.so tests/artifacts .mypy_cache .ruff_cache .pytest_cache
