# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make              build/ringwalk
#   make check        the quick tests (./run.sh check runs more)
#   make CC=clang B=build-clang ...
#   make asan         $(B)-asan/, with ASan and UBSan
#   make tsan         $(B)-tsan/, with TSan
#   make arm64        $(B)-arm64/, compiled for arm64 by a cross compiler, and not linked

B   ?= build
ifeq ($(origin CC),default)
CC  := gcc
endif
OPT ?= -O2

PKGS := hwloc jansson

# Lines, but no variables: following those through nine inlined walks is a quarter of the build.
CFLAGS   ?= $(OPT) -g1
WARN     := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
CPPFLAGS += -D_GNU_SOURCE -Iinclude $(LAST_INCLUDE:%=-idirafter %)
# As the kernel: guest memory is read as whatever the ring says it is.
ALL_CFLAGS = -std=gnu11 -fno-strict-aliasing $(WARN) $(CFLAGS) -MMD -MP
LDLIBS   := -lpfm -lurcu-memb -lurcu-mb -lurcu-qsbr -lurcu-bp $(shell pkg-config --libs $(PKGS)) -lpthread -lm

# SANITIZE=thread is for the harness. Strategies are not instrumented: TSan knows neither membarrier
# nor fences, and a reader that validates afterwards races on purpose; who is right there torture says.
ifneq ($(SANITIZE),)
OPT       := -O1 -fno-omit-frame-pointer
SANITIZED := -fsanitize=$(SANITIZE) -fno-sanitize-recover=undefined
endif
SANITIZED_STRATEGY := $(if $(filter thread,$(SANITIZE)),,$(SANITIZED))

# ONLY="empty spinlock" builds these strategies alone, while one is written.
STRATEGIES := $(if $(ONLY),$(ONLY:%=strategies/%.c),$(wildcard strategies/*.c))
# liburcu's call_rcu() keeps a thread, and TSan cannot follow a fork with threads, as each guest then is.
ifeq ($(SANITIZE),thread)
STRATEGIES := $(filter-out $(shell grep -l 'call_rcu' strategies/*.c),$(STRATEGIES))
endif
TORTURE    := $(wildcard bench/torture/*.c)
BUILD_ID   := bench/measure/environment_build.c
BENCH      := $(filter-out bench/main.c $(BUILD_ID) $(TORTURE),$(wildcard bench/*.c bench/*/*.c))
UNIT       := $(wildcard tests/unit/*.c)
CONFORM    := $(wildcard tests/conformance/*.c)
TOOLS      := $(wildcard tests/tools/*.c)

OBJ := $(patsubst %.c,$(B)/obj/%.o,$(STRATEGIES) $(BENCH))

# The same strategies and the same guest, with the perturbations and the oracles of torture.
TORTURED := $(STRATEGIES) $(TORTURE) $(wildcard bench/guest/*.c) \
	    $(filter-out bench/measure/environment%,$(wildcard bench/measure/*.c)) \
	    $(wildcard bench/cli*.c) $(addprefix bench/,main.c \
			 overrides.c registry.c scenarios.c scenarios_aim.c scenarios_file.c \
			 scenarios_parameters.c suites.c footprint.c sweep/caches.c sweep/range.c sweep/sweep.c verdict_file.c)
TORTURE_OBJ := $(patsubst %.c,$(B)/torture/%.o,$(TORTURED))

all: $(B)/ringwalk $(B)/ringwalk-torture

# Verdicts are of these sources and no others.
$(B)/source_id.h: $(STRATEGIES) $(wildcard strategies/*.h include/ringwalk/*.h bench/guest/*)
	@mkdir -p $(@D)
	@printf '#define SOURCE_ID "%s"\n' "$$(cat $(sort $^) | sha256sum | cut -c1-16)" >$@

$(B)/obj/bench/verdict_file.o $(B)/torture/bench/verdict_file.o: $(B)/source_id.h
$(B)/obj/bench/verdict_file.o $(B)/torture/bench/verdict_file.o: CPPFLAGS += -I$(B)

# What a run says of its build: compiled last and linked into everything, but it makes no test stale,
# so that a new revision costs two links.
STRATEGY_FLAGS := $(strip $(CPPFLAGS) $(filter-out -MMD -MP,$(ALL_CFLAGS)) $(SANITIZED_STRATEGY))
BUILD_ID_O    := $(BUILD_ID:%.c=$(B)/obj/%.o)
OBJCOPY       := $(shell $(CC) -print-prog-name=objcopy)

# Without debug information, which has paths and line numbers, and without the compiler's name.
$(B)/obj/strategies/%.hash: $(B)/obj/strategies/%.o
	@$(OBJCOPY) --strip-debug -R .comment $< $@.tmp || : >$@.tmp
	@[ -s $@.tmp ] && sha256sum <$@.tmp | cut -c1-16 >$@ || : >$@
	@rm $@.tmp

# The same of all that strategies run in, as one object: guest, epochs, clocks. What names the sources or
# the build is not of it.
FRAME := $(filter-out bench/measure/environment% bench/verdict_file.c bench/cli%,$(filter \
	 $(wildcard bench/*.c bench/guest/*.c bench/measure/*.c),$(BENCH)))

$(B)/frame.hash: $(FRAME:%.c=$(B)/obj/%.o)
	@ld -r $^ -o $@.tmp 2>/dev/null && $(OBJCOPY) --strip-debug -R .comment $@.tmp || : >$@.tmp
	@[ -s $@.tmp ] && sha256sum <$@.tmp | cut -c1-16 >$@ || : >$@
	@rm $@.tmp

$(B)/build_id.h: $(STRATEGIES:%.c=$(B)/obj/%.hash) $(B)/frame.hash FORCE
	@bench/measure/build_id.sh '$(subst ','\'',$(STRATEGY_FLAGS))' $(filter %.hash,$^) >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(BUILD_ID_O): $(B)/build_id.h
$(BUILD_ID_O): private CPPFLAGS += -I$(B)

# What is recorded of the flags must be true of every object: other flags make all of them anew.
ALL_FLAGS := $(strip $(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(SANITIZED))

$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(ALL_FLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(ALL_FLAGS))' >$@

# strategies see include/ only: the include graph is the architecture.
$(B)/obj/strategies/%.o: strategies/%.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(SANITIZED_STRATEGY) -c $< -o $@

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Ibench $(ALL_CFLAGS) $(SANITIZED) -c $< -o $@

# liburcu-bp (0.13) declares its reader aligned to two cache lines and allocates it behind a header of
# 32 bytes; its inline functions are ours to compile, but not ours to mend.
ifneq ($(findstring undefined,$(SANITIZE)),)
$(B)/obj/strategies/rcu_bp.o $(B)/torture/strategies/rcu_bp.o: SANITIZED_STRATEGY += -fno-sanitize=alignment
endif

# Calls in the middle of everything make gcc lose sight of what begin() has set.
TORTURE_CFLAGS := -DRINGWALK_TORTURE $(if $(findstring clang,$(CC)),,-Wno-maybe-uninitialized)

$(B)/torture/strategies/%.o: strategies/%.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(SANITIZED_STRATEGY) $(TORTURE_CFLAGS) -c $< -o $@

$(B)/torture/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Ibench $(ALL_CFLAGS) $(SANITIZED) $(TORTURE_CFLAGS) -c $< -o $@

# Relinks when a file has gone, which no time stamp tells.
$(B)/objects: FORCE
	@mkdir -p $(@D)
	@echo '$(OBJ) $(TORTURE_OBJ)' | cmp -s - $@ || echo '$(OBJ) $(TORTURE_OBJ)' >$@
FORCE:

$(B)/ringwalk-torture: $(TORTURE_OBJ) $(B)/objects
	$(CC) $(ALL_CFLAGS) $(SANITIZED) $(LDFLAGS) $(filter %.o,$^) $(LDLIBS) -o $@

$(B)/ringwalk: $(B)/obj/bench/main.o $(OBJ) $(BUILD_ID_O) $(B)/objects
	$(CC) $(ALL_CFLAGS) $(SANITIZED) $(LDFLAGS) $(filter %.o,$^) $(LDLIBS) -o $@

# A test program is one file and all of ringwalk but its main().
$(B)/tests/%: $(B)/obj/tests/%.o $(OBJ) | $(BUILD_ID_O)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(SANITIZED) $(LDFLAGS) $^ $| $(LDLIBS) -lcmocka -o $@

tests: $(patsubst tests/%.c,$(B)/tests/%,$(UNIT) $(CONFORM) $(TOOLS)) $(B)/ringwalk

asan:
	$(MAKE) B=$(B)-asan SANITIZE=address,undefined all tests

tsan:
	$(MAKE) B=$(B)-tsan SANITIZE=thread all tests

# What the libraries' headers say of x86 is for their ABI; those used here say the same of arm64.
arm64:
	$(MAKE) B=$(B)-arm64 CC=aarch64-linux-gnu-gcc objects \
		LAST_INCLUDE="/usr/include /usr/include/$(shell gcc -print-multiarch)"

objects: $(OBJ) $(TORTURE_OBJ)

check: tests
	tests/run-tests.sh --quick

clean:
	rm -rf build build-*

.PHONY: all tests asan tsan arm64 objects check clean FORCE
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
