# Mainstay: build, test, check, install. `make help` lists the targets.
#
# Each flavour compiles into a folder of its own, so switching between them costs nothing:
#   release   what ships                      build/mainstay-server is a copy of build/release/…
#   lto       the same, optimised as a whole  make LTO=1
#   asan      ASan + UBSan, plain malloc      build/asan/mainstay-server
#   fuzz      clang with libFuzzer            build/fuzz/<name>
#   tsan      ThreadSanitizer, plain malloc   build/tsan/mainstay-server

BUILD        ?= build
PREFIX       ?= /usr/local
SYSCONFDIR   ?= /etc
DESTDIR      ?=
LTO          ?=
FILTER       ?=
PARTS        ?=
ARGS         ?=
JOBS         ?= 2
FUZZ_SECONDS ?= 60

# --- flags ------------------------------------------------------------------------------------

CC       = gcc
AR       = gcc-ar
CLANG    = clang-14
FORMAT   = clang-format-14

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Werror
COMMON   = -std=gnu17 -g -fno-omit-frame-pointer -D_GNU_SOURCE -Isrc -isystem /usr/include/liblzf -MMD -MP
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all
LIBS     = -lev -lxxhash -llzf -lm -lpthread

CC_release     = $(CC)
CFLAGS_release = $(COMMON) $(WARNINGS) -O2
LIBS_release   = $(LIBS) -ljemalloc

CC_lto         = $(CC)
CFLAGS_lto     = $(COMMON) $(WARNINGS) -O2 -flto=auto
LIBS_lto       = $(LIBS) -ljemalloc

# gcc's "may be used uninitialised" guesses wrongly once sanitizers have rewritten the code.
CC_asan        = $(CC)
CFLAGS_asan    = $(COMMON) $(WARNINGS) -Wno-maybe-uninitialized -O1 $(SANITIZE) -DMEMORY_PLAIN
LIBS_asan      = $(LIBS)

CC_tsan        = $(CC)
CFLAGS_tsan    = $(COMMON) $(WARNINGS) -Wno-maybe-uninitialized -O1 -fsanitize=thread -DMEMORY_PLAIN
LIBS_tsan      = $(LIBS)

CC_fuzz        = $(CLANG)
CFLAGS_fuzz    = $(COMMON) -Wall -O1 -fsanitize=fuzzer-no-link,address,undefined \
                 -fno-sanitize-recover=all -DMEMORY_PLAIN
LIBS_fuzz      = $(LIBS)

FLAVOURS = release lto asan tsan fuzz

# --- files ------------------------------------------------------------------------------------

# PARTS='keyspace engines' tests those folders of src/ alone, and builds only what they stand on:
# for working on a part while another does not compile.
empty :=
NAME_SUFFIX := $(subst $(empty) ,,$(foreach part,$(PARTS),-$(subst /,-,$(part))))
find_in = $(sort $(foreach dir,$(wildcard $(1)),$(shell find $(dir) -name '$(2)' -type f)))

ifeq ($(strip $(PARTS)),)
SOURCES      := $(filter-out src/main.c,$(call find_in,src,*.c))
TEST_SOURCES := $(call find_in,tests/unit,*_test.c) $(call find_in,tests/contracts,*_test.c) \
                $(call find_in,tests/harness,*.c)
else
# Tests of words need the harness, and that needs every family.
WITH_HARNESS := $(if $(filter commands families families/% persistence server,$(PARTS)),families)
PARTS_BELOW  := $(shell tools/check_layers --below $(PARTS) $(WITH_HARNESS))
SOURCES      := $(filter-out src/main.c,$(call find_in,$(addprefix src/,$(PARTS_BELOW)),*.c))
TEST_SOURCES := $(call find_in,$(addprefix tests/unit/,$(PARTS)),*_test.c) \
                $(if $(WITH_HARNESS),$(call find_in,tests/harness,*.c))
endif
FUZZ_SOURCES := $(call find_in,tests/fuzz,*_fuzz.c)
# The harness but for harness.c, which speaks to Criterion.
FUZZ_HELPERS := $(filter-out $(FUZZ_SOURCES),$(call find_in,tests/fuzz,*.c)) \
                $(filter-out tests/harness/harness.c,$(call find_in,tests/harness,*.c))
FUZZERS      := $(patsubst %_fuzz.c,$(BUILD)/fuzz/%,$(notdir $(FUZZ_SOURCES)))
C_FILES       = $(call find_in,src tests tools,*.[ch])

SERVER_FLAVOUR := $(if $(filter-out 0,$(LTO)),lto,release)

SHELL = /bin/bash
.SHELLFLAGS = -o pipefail -c
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif

# V=1 shows whole commands.
SAY = $(if $(V),@:,@printf '%-5s %s\n')
Q   = $(if $(V),,@)

# --- building ---------------------------------------------------------------------------------

.PHONY: all server help
all: $(BUILD)/mainstay-server
server: $(BUILD)/mainstay-server

# Copied over by a rename, so that a running server keeps its old file.
$(BUILD)/mainstay-server: $(BUILD)/$(SERVER_FLAVOUR)/mainstay-server $(BUILD)/server-flavour
	@cp $< $@.new && mv -f $@.new $@

# A file that changes only when its text does: whoever depends on it is remade then.
define remember
@mkdir -p $(@D); printf '%s\n' '$(strip $(1))' | cmp -s - $@ || printf '%s\n' '$(strip $(1))' >$@
endef

.PHONY: FORCE
$(BUILD)/server-flavour: FORCE
	$(call remember,$(SERVER_FLAVOUR))

define flavour_rules
$(BUILD)/$(1)/flags: FORCE
	$$(call remember,$$(CC_$(1)) $$(CFLAGS_$(1)))

$(BUILD)/$(1)/sources$(NAME_SUFFIX): FORCE
	$$(call remember,$$(SOURCES))

$(BUILD)/$(1)/tests$(NAME_SUFFIX): FORCE
	$$(call remember,$$(TEST_SOURCES))

$(BUILD)/$(1)/obj/src/%.o: src/%.c $(BUILD)/$(1)/flags | $(BUILD)/.deps/build
	@mkdir -p $$(@D)
	$$(SAY) cc '$(1): $$<'
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) -Wconversion -c $$< -o $$@

$(BUILD)/$(1)/obj/tests/%.o: tests/%.c $(BUILD)/$(1)/flags | $(BUILD)/.deps/build $(BUILD)/.deps/test
	@mkdir -p $$(@D)
	$$(SAY) cc '$(1): $$<'
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) -Itests -c $$< -o $$@

$(BUILD)/$(1)/libmainstay$(NAME_SUFFIX).a: $$(SOURCES:%.c=$(BUILD)/$(1)/obj/%.o) $(BUILD)/$(1)/sources$(NAME_SUFFIX)
	@rm -f $$@
	@$$(AR) rcs $$@ $$(filter %.o,$$^)

$(BUILD)/$(1)/mainstay-server: $(BUILD)/$(1)/obj/src/main.o $(BUILD)/$(1)/libmainstay.a
	$$(SAY) link $$@
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) -rdynamic $$^ $$(LIBS_$(1)) -o $$@

$(BUILD)/$(1)/unit-tests$(NAME_SUFFIX): $$(TEST_SOURCES:%.c=$(BUILD)/$(1)/obj/%.o) \
        $(BUILD)/$(1)/tests$(NAME_SUFFIX) $(BUILD)/$(1)/libmainstay$(NAME_SUFFIX).a
	$$(SAY) link $$@
	$$(Q)$$(CC_$(1)) $$(CFLAGS_$(1)) -rdynamic $$(filter %.o %.a,$$^) -lcriterion $$(LIBS_$(1)) -o $$@

-include $$(shell find $(BUILD)/$(1)/obj -name '*.d' 2>/dev/null)
endef
$(foreach flavour,$(FLAVOURS),$(eval $(call flavour_rules,$(flavour))))

$(BUILD)/fuzz/obj/src/%.o $(BUILD)/fuzz/obj/tests/%.o: | $(BUILD)/.deps/dev

define fuzzer_rule
$(BUILD)/fuzz/$(patsubst %_fuzz.c,%,$(notdir $(1))): $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(1) $(FUZZ_HELPERS)) \
        $(BUILD)/fuzz/libmainstay.a
	$$(SAY) link $$@
	$$(Q)$$(CC_fuzz) $$(CFLAGS_fuzz) -fsanitize=fuzzer,address,undefined $$^ $$(LIBS_fuzz) -o $$@
endef
$(foreach source,$(FUZZ_SOURCES),$(eval $(call fuzzer_rule,$(source))))

# Debian packages, by group; made again when the lists change.
$(BUILD)/.deps/%: deps/install
	@deps/install $*
	@mkdir -p $(@D) && touch $@

# --- running and testing ----------------------------------------------------------------------

CRITERION = --jobs $(JOBS) --timeout 300 $(if $(FILTER),--filter '$(FILTER)')
export ASAN_OPTIONS  ?= abort_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS ?= print_stacktrace=1:abort_on_error=1

.PHONY: run test unit unit-asan system system-asan test-long bench diff fuzz
run: $(BUILD)/mainstay-server
	@exec $(BUILD)/mainstay-server $(ARGS)

test:
	@$(MAKE) unit
	@$(MAKE) unit-asan
	@$(if $(FILTER)$(PARTS),:,$(MAKE) system)
	@$(if $(FILTER)$(PARTS),:,$(MAKE) diff ARGS=--short)

ifneq ($(strip $(TEST_SOURCES)),)
unit: $(BUILD)/release/unit-tests$(NAME_SUFFIX)
	@echo '== unit, behaviour and contract tests'
	@$< $(CRITERION)

# Criterion only warns of a test that passes and then leaks: here that is a failure.
unit-asan: $(BUILD)/asan/unit-tests$(NAME_SUFFIX)
	@echo '== the same under ASan and UBSan'
	@$< $(CRITERION) 2>&1 | tee $<.log
	@! grep -q 'LeakSanitizer: detected' $<.log || { echo 'some test leaks memory: see above'; exit 1; }
else
unit unit-asan:
	@echo 'there are no unit tests here yet'
endif

system: $(if $(wildcard src/main.c),$(BUILD)/mainstay-server) | $(BUILD)/.deps/test
	@echo '== system tests'
	@if [ -x tests/system/run ]; then tests/system/run $(BUILD)/mainstay-server; \
	 else echo 'there are no system tests here yet'; fi
	+@if [ -f src/main.c ]; then tests/install_test; fi

test-long: $(BUILD)/mainstay-server | $(BUILD)/.deps/test $(BUILD)/.deps/long
	@if [ -x tests/long/run ]; then tests/long/run $(BUILD)/mainstay-server; fi
	@if [ -x tests/system/run ]; then $(MAKE) system-asan; fi
	@tools/fresh_machine_test

# The same real processes, and every scenario again, with the sanitizers watching.
system-asan: $(BUILD)/asan/mainstay-server | $(BUILD)/.deps/test
	@tests/system/run $(BUILD)/asan/mainstay-server

bench: $(BUILD)/mainstay-server | $(BUILD)/.deps/test
	@tools/bench/run $(ARGS)

diff: $(BUILD)/mainstay-server | $(BUILD)/.deps/test
	@echo '== comparison with a peer'
	@tools/diff/run $(ARGS)

# Each fuzzer starts from tests/fuzz/corpus/<name>/ and keeps what it learns under build/.
fuzz: $(FUZZERS)
	@set -e; for fuzzer in $(FUZZERS); do name=$${fuzzer##*/}; \
	    echo "== fuzzing $$name for $(FUZZ_SECONDS) seconds"; \
	    mkdir -p $(BUILD)/fuzz/corpus/$$name; \
	    seeds=; [ ! -d tests/fuzz/corpus/$$name ] || seeds=tests/fuzz/corpus/$$name; \
	    $$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	        -artifact_prefix=$(BUILD)/fuzz/$$name- $(BUILD)/fuzz/corpus/$$name $$seeds; done

# --- checks -----------------------------------------------------------------------------------

.PHONY: check check-static check-format check-tidy check-layers check-headers check-tools check-docs
check:
	@$(MAKE) check-static
	@$(MAKE) check-docs
	@$(MAKE) test

check-static:
	@$(MAKE) -k check-format check-tidy check-layers check-headers check-tools

check-format: $(BUILD)/.deps/dev
	@wrong=$$(echo $(if $(FILES),$(FILES),$(C_FILES)) | xargs -r $(FORMAT) --dry-run --style=file 2>&1 | \
	    sed -n 's/^\([^ :]*:[0-9]*\):.*clang-format-violations.*/\1/p' | sort -u -t: -k1,1); \
	 if [ -z "$$wrong" ]; then echo 'format: ok'; else \
	     echo "$$wrong" | sed "s/$$/: not in the house's layout, as 'make format' would write it/"; exit 1; fi

check-tidy: $(BUILD)/.deps/dev
	@tools/check_tidy

check-layers: $(BUILD)/.deps/dev
	@tools/check_layers

check-headers: $(BUILD)/.deps/build $(BUILD)/.deps/test
	@CC='$(CC)' CFLAGS='$(filter-out -MMD -MP,$(CFLAGS_release))' JOBS=$(JOBS) tools/check_headers

check-tools: $(BUILD)/.deps/build $(BUILD)/.deps/test $(BUILD)/.deps/dev
	@CC='$(CC)' CFLAGS='$(filter-out -MMD -MP,$(CFLAGS_release))' tests/tools_test

check-docs: $(BUILD)/mainstay-server
	@if [ -x tools/check_docs ]; then tools/check_docs $(BUILD)/mainstay-server; fi

.PHONY: format docs new-family
format: $(BUILD)/.deps/dev
	@echo $(if $(FILES),$(FILES),$(C_FILES)) | xargs -r $(FORMAT) -i --style=file

docs: $(BUILD)/mainstay-server
	@tools/make_reference $(BUILD)/mainstay-server

new-family:
	@tools/new_family $(NAME)
	@$(MAKE) docs

# --- installing -------------------------------------------------------------------------------

.PHONY: install uninstall clean
install: $(BUILD)/mainstay-server
	@PREFIX='$(PREFIX)' SYSCONFDIR='$(SYSCONFDIR)' DESTDIR='$(DESTDIR)' packaging/install $(BUILD)/mainstay-server

uninstall:
	@PREFIX='$(PREFIX)' SYSCONFDIR='$(SYSCONFDIR)' DESTDIR='$(DESTDIR)' packaging/install --remove

clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^#: //p' Makefile
#: make                         build/mainstay-server            (LTO=1: whole-program optimisation)
#: make run ARGS='--port 7000'  builds and runs it
#: make test                    unit tests, again under ASan + UBSan, system tests, and a short
#:                              comparison with redis-server 7.0                (FILTER='suite/test')
#: make unit, unit-asan, system one of the three                 (PARTS='keyspace engines': those folders alone)
#: make test-long               the slow ones: long scenarios, installation, a fresh machine
#: make check                   format, tidy, layers, headers, docs, tests; check-static is the fast half
#: make format                  rewrites layout                  (FILES='a.c b.h')
#: make docs                    rewrites the reference and redis.conf.sample
#: make bench, diff, fuzz       speed, comparison with a peer, fuzzing (FUZZ_SECONDS=60 for each)
#: make new-family NAME=queue   a new folder in src/families that already passes make check
#: make install, uninstall      PREFIX=/usr/local DESTDIR=
#: make clean                   removes build/                  (BUILD=folder: builds there instead)
