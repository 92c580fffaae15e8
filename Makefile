# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make              build/ringwalk
#   make check        the quick tests (what ./run.sh check runs)
#   make CC=clang B=build-clang ...
#   make asan         $(B)-asan/, ASan and UBSan, everything else alike

B   ?= build
ifeq ($(origin CC),default)
CC  := gcc
endif
OPT ?= -O2

PKGS := hwloc jansson

CFLAGS   ?= $(OPT) -g
WARN     := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
CPPFLAGS += -D_GNU_SOURCE -Iinclude
# As the kernel: guest memory is read as whatever the ring says it is.
ALL_CFLAGS = -std=gnu11 -fno-strict-aliasing $(WARN) $(CFLAGS) -MMD -MP
LDLIBS   := -lpfm -lurcu-memb -lurcu-mb -lurcu-qsbr -lurcu-bp $(shell pkg-config --libs $(PKGS)) -lpthread -lm

# ONLY="empty spinlock" builds these strategies alone, while one is written.
STRATEGIES := $(if $(ONLY),$(ONLY:%=strategies/%.c),$(wildcard strategies/*.c))
TORTURE    := $(wildcard bench/torture/*.c)
BENCH      := $(filter-out bench/main.c $(TORTURE),$(wildcard bench/*.c bench/*/*.c))
UNIT       := $(wildcard tests/unit/*.c)
CONFORM    := $(wildcard tests/conformance/*.c)
TOOLS      := $(wildcard tests/tools/*.c)

OBJ := $(patsubst %.c,$(B)/obj/%.o,$(STRATEGIES) $(BENCH))

# The same strategies and the same guest, with the perturbations and the oracles of torture.
TORTURED := $(STRATEGIES) $(TORTURE) $(wildcard bench/guest/*.c bench/measure/*.c) \
	    $(addprefix bench/,main.c cli.c registry.c scenarios.c verdict_file.c)
TORTURE_OBJ := $(patsubst %.c,$(B)/torture/%.o,$(TORTURED))

all: $(B)/ringwalk $(B)/ringwalk-torture

# Verdicts are of these sources and no others.
$(B)/source_id.h: $(STRATEGIES) $(wildcard strategies/*.h include/ringwalk/*.h bench/guest/*)
	@mkdir -p $(@D)
	@printf '#define SOURCE_ID "%s"\n' "$$(cat $(sort $^) | sha256sum | cut -c1-16)" >$@

$(B)/obj/bench/verdict_file.o $(B)/torture/bench/verdict_file.o: $(B)/source_id.h
$(B)/obj/bench/verdict_file.o $(B)/torture/bench/verdict_file.o: CPPFLAGS += -I$(B)

# strategies see include/ only: the include graph is the architecture.
$(B)/obj/strategies/%.o: strategies/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c $< -o $@

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Ibench $(ALL_CFLAGS) -c $< -o $@

# Calls in the middle of everything make gcc lose sight of what begin() has set.
TORTURE_CFLAGS := -DRINGWALK_TORTURE $(if $(findstring clang,$(CC)),,-Wno-maybe-uninitialized)

$(B)/torture/strategies/%.o: strategies/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(TORTURE_CFLAGS) -c $< -o $@

$(B)/torture/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Ibench $(ALL_CFLAGS) $(TORTURE_CFLAGS) -c $< -o $@

# Relinks when a file has gone, which no time stamp tells.
$(B)/objects: FORCE
	@mkdir -p $(@D)
	@echo '$(OBJ) $(TORTURE_OBJ)' | cmp -s - $@ || echo '$(OBJ) $(TORTURE_OBJ)' >$@
FORCE:

$(B)/ringwalk-torture: $(TORTURE_OBJ) $(B)/objects
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(LDLIBS) -o $@

$(B)/ringwalk: $(B)/obj/bench/main.o $(OBJ) $(B)/objects
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(LDLIBS) -o $@

# A test program is one file and all of ringwalk but its main().
$(B)/tests/%: $(B)/obj/tests/%.o $(OBJ)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -lcmocka -o $@

tests: $(patsubst tests/%.c,$(B)/tests/%,$(UNIT) $(CONFORM) $(TOOLS)) $(B)/ringwalk

asan:
	$(MAKE) B=$(B)-asan OPT="-O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined" all tests

check: tests
	tests/run-tests.sh --quick

clean:
	rm -rf build build-*

.PHONY: all tests asan check clean FORCE
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
