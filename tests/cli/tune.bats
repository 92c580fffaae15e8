#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# --tune: the settings change for the run and are back whatever ends it. The machine is a made-up one
# below a directory.

load helpers

# However busy this machine is: that is not what is tried here.
short+=(--max-noise 100)

cpu=sys/devices/system/cpu

made_up_machine() {
	export RINGWALK_TUNE_ROOT=$PWD/machine
	mkdir -p machine/{dev,run,$cpu/cpufreq/policy{0,4},$cpu/intel_pstate}
	touch machine/dev/cpu_dma_latency
	echo powersave | tee machine/$cpu/cpufreq/policy{0,4}/scaling_governor >/dev/null
	echo 0 >machine/$cpu/intel_pstate/no_turbo
}

setting() { # FILE
	cat "machine/$cpu/$1"
}

is_changed() {
	[ "$(setting cpufreq/policy0/scaling_governor)" = performance ] &&
		[ "$(setting cpufreq/policy4/scaling_governor)" = performance ] &&
		[ "$(setting intel_pstate/no_turbo)" = 1 ]
}

is_as_before() {
	[ "$(setting cpufreq/policy0/scaling_governor)" = powersave ] &&
		[ "$(setting cpufreq/policy4/scaling_governor)" = powersave ] &&
		[ "$(setting intel_pstate/no_turbo)" = 0 ]
}

# In a process group of its own, as what is started from a terminal is.
start_run_sh() { # [ARGUMENT...]
	setsid env --default-signal=INT "$root/run.sh" --no-install "${long[@]:1}" \
		--results "$PWD/results" "$@" >out 2>err </dev/null 3>&- &
	started=$!
	within_a_minute has_samples
}

# The build may come first.
within_a_minute() {
	within_ten_seconds "$@" >/dev/null || within_ten_seconds "$@" >/dev/null ||
		within_ten_seconds "$@" >/dev/null || within_ten_seconds "$@" >/dev/null ||
		within_ten_seconds "$@" >/dev/null || within_ten_seconds "$@"
}

# The program that run.sh has started.
program_of() { # PID
	local task

	for task in /proc/"$1"/task/*/children; do
		cut -d' ' -f1 "$task"
	done
}

@test "a run that ends: everything is back, and run.json says what was changed" {
	made_up_machine
	ringwalk "${short[@]}" --tune
	exits 0
	is_as_before
	holds run.json '.environment.tuned == "governor powersave to performance (2), turbo (no_turbo) 0 to 1, cpu_dma_latency held at 2 us"'
	lacks "--tune" err
}

@test "without --tune nothing is changed, and run.json says that" {
	made_up_machine
	ringwalk "${short[@]}"
	exits 0
	is_as_before
	[ ! -s machine/dev/cpu_dma_latency ]
	holds run.json '.environment.tuned == null and .environment_reasons.tuned == "not asked for (--tune)"'
}

@test "Ctrl-C: changed until then, cpu_dma_latency held open, and everything back" {
	made_up_machine
	start_long_run --tune
	is_changed
	readlink /proc/"$started"/fd/* | grep -q machine/dev/cpu_dma_latency
	kill -INT -- "-$started"
	finish
	exits 130
	is_as_before
}

@test "kill -9 of the program: run.sh puts everything back before it ends" {
	made_up_machine
	start_run_sh --tune
	is_changed
	kill -KILL "$(program_of "$started")"
	finish
	exits 137
	is_as_before
	says "put back the settings that a run with --tune had left changed"
}

@test "Ctrl-C through run.sh: everything is back" {
	made_up_machine
	start_run_sh --tune
	is_changed
	kill -INT -- "-$started"
	finish
	exits 130
	is_as_before
}

@test "SIGTERM for run.sh alone ends the program in order, too" {
	made_up_machine
	start_run_sh --tune
	is_changed
	kill -TERM "$started"
	finish
	exits 130
	is_as_before
	assert_kept
}

@test "kill -9 with nobody there to put it back: the next run does so first" {
	made_up_machine
	start_long_run --tune
	kill -KILL "$started"
	finish
	is_changed
	ringwalk "${short[@]}"
	exits 0
	says "put back the settings"
	is_as_before
	ringwalk "${short[@]}"
	lacks "put back" err
}

@test "kill -9 with nobody there to put it back: restore, the program's or that of run.sh" {
	made_up_machine
	start_long_run --tune
	ringwalk restore
	exits 3
	says "a run with --tune goes on"
	is_changed
	kill -KILL "$started"
	finish
	is_changed
	ringwalk restore
	exits 0
	is_as_before
	start_long_run --tune
	kill -KILL "$started"
	finish
	is_changed
	"$root/run.sh" restore --no-install >out 2>err
	says "put back the settings that a run with --tune had left changed"
	is_as_before
}

@test "a machine that has none of it: each is named, and the run goes on" {
	mkdir machine
	export RINGWALK_TUNE_ROOT=$PWD/machine
	ringwalk "${short[@]}" --tune
	exits 0
	says "--tune: governor not set: this machine has no policy"
	says "--tune: turbo not set: this machine has neither"
	says "--tune: cpu_dma_latency not set: No such file"
	prints "--tune: governor not set"
	holds run.json '.warnings | map(select(startswith("--tune: "))) | length == 3'
	holds run.json '.environment.tuned == null and .environment_reasons.tuned == "there was nothing it could change"'
	holds summary.json '.cells[0].ns_per_entry.value > 0'
}
