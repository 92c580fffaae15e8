#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2034,SC2054,SC2154 # variables of helpers.bash
#
# A run that ended early, whatever ended it, goes on with --resume: no launch that was complete is
# lost, and what comes of it is what an unbroken run gives.

load helpers

# Three launches of a third of a second, whose cells are of both kinds.
three=("${any[@]}" --scenario steady,storm --strategy pinned,seqlock --launches 3 --seconds 0.6)
# The same, but for a test to step in.
slow=("${any[@]}" --scenario steady --strategy pinned,seqlock --launches 3 --seconds 6)

# Those that are complete, by a look at the journal that is not the program's.
complete_launches() {
	grep -hs '^{"kind":"launch".*"complete":true.*}$' results/runs/*/samples.jsonl |
		grep -o '"launch":[0-9]*' | sort -u | wc -l
}

has_complete_launch() {
	[ "$(complete_launches)" -gt 0 ]
}

# What a summary says, but for the figures: cells, their launches and every key.
shape() {
	jq -S '[paths(scalars, . == null) | map(if type == "number" then 0 else . end)] | unique' \
		results/latest/summary.json
	jq -c '.cells[] | [.strategy, .scenario, .measured, .ns_per_entry.launches, .reason]' \
		results/latest/summary.json
	jq -c 'select(.kind == "launch" and .complete) | .launch' results/latest/samples.jsonl
	jq -r '.settings, .seed' results/latest/run.json
}

usleep() { # MICROSECONDS
	sleep "$(printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000)))"
}

# A run of the same that nobody stops, elsewhere.
unbroken() { # ARGUMENT...
	mkdir -p unbroken
	(
		cd unbroken || exit
		ringwalk "$@" --seed 7
		exits 0
		shape >../expected
	)
}

is_as_unbroken() {
	shape >got
	diff expected got
	# Every line of the journal is whole.
	jq -es 'length > 0' results/latest/samples.jsonl >/dev/null
}

@test "kill -9 at random points: each complete launch is found each time, and the end is the same" {
	kills=10 found=0
	case ${RINGWALK_TESTS-} in
	quick) kills=2 ;;
	all) kills=50 ;;
	esac
	began=${EPOCHREALTIME/[.,]/}
	unbroken "${three[@]}"
	took=$((${EPOCHREALTIME/[.,]/} - began))
	while [ "$kills" -gt 0 ]; do
		before=$(complete_launches)
		if jq -e . results/runs/*/plan.json >/dev/null 2>&1; then
			start run --resume "$(basename results/runs/*)"
		else
			# It was killed before it was a run.
			rm -rf results
			start "${three[@]}" --seed 7
		fi
		# Anywhere in the first half of what a run takes here.
		usleep $((took * RANDOM / 65536))
		if kill -KILL "$started" 2>/dev/null; then
			kills=$((kills - 1))
		fi
		finish
		[ "$(complete_launches)" -ge "$before" ]
		# It says so before it measures, if it lived to see that.
		if grep -q 'complete launches' err; then
			says "has $before complete launches"
			[ "$before" = 0 ] || found=$((found + 1))
		fi
		if [ "$status" = 0 ]; then
			is_as_unbroken
			rm -rf results
		else
			[ "$status" = 137 ] || show
			[ "$status" = 137 ]
		fi
	done
	# Of so many, some come after a launch.
	[ "${RINGWALK_TESTS-}" != all ] || [ "$found" -gt 0 ]
	jq -e . results/runs/*/plan.json >/dev/null 2>&1 || return 0
	before=$(complete_launches)
	ringwalk run --resume "$(basename results/runs/*)"
	exits 0
	says "has $before complete launches"
	is_as_unbroken
}

@test "kill -9: nothing of it goes on measuring" {
	start "${slow[@]}"
	within_ten_seconds launch_of "$started" >pid
	kill -KILL "$started"
	finish
	within_ten_seconds eval '[ ! -e "/proc/$(cat pid)" ]'
}

@test "a torn last line is dropped, with a word, and the rest counts" {
	unbroken "${three[@]}"
	start "${three[@]}" --seed 7
	within_ten_seconds has_complete_launch
	kill -KILL "$started"
	finish
	id=$(basename results/runs/*)
	before=$(complete_launches)
	printf '{"kind":"cell","launch":1,"strat' >>"results/runs/$id/samples.jsonl"
	ringwalk run --resume "$id"
	exits 0
	says "last line of .*samples.jsonl is torn, and dropped"
	says "has $before complete launches"
	is_as_unbroken
}

@test "a damaged line is left out, with its number, and its launch is measured again" {
	unbroken "${three[@]}"
	ringwalk "${three[@]}" --seed 7
	exits 0
	line=$(grep -n '"kind":"cell","launch":1' results/latest/samples.jsonl | head -n 1 | cut -d: -f1)
	sed -i "${line}s/^.../???/" results/latest/samples.jsonl
	ringwalk run --resume latest
	exits 0
	says "samples.jsonl: line $line is damaged and was left out"
	says "has 2 complete launches"
	holds summary.json '.cells | all(.measured | not) or all(.ns_per_entry.launches == 3 or
		.ns_per_entry.launches == 0)'
	[ "$(jq -R 'fromjson? | select(.kind == "launch").launch' results/latest/samples.jsonl |
		sort | uniq -c | awk '{ print $1 $2 }' | tr '\n' ' ')" = "10 21 12 " ]
}

@test "Ctrl-C: exit 130, and it goes on from there" {
	start "${slow[@]}"
	within_ten_seconds has_complete_launch
	kill -INT -- "-$started"
	finish
	exits 130
	says "interrupted.*--resume $(basename results/runs/*)"
	n=$(complete_launches)
	[ "$n" -lt 3 ]
	holds run.json '.stopped | test("interrupted")'
	ringwalk run --resume latest
	exits 0
	says "has $n complete launches"
	[ "$(complete_launches)" = 3 ]
	holds run.json '.stopped == null'
	holds summary.json '.cells | all(.ns_per_entry.launches == 3)'
}

@test "Ctrl-C in the first launch: exit 130, what it measured is shown, and it is measured again" {
	start "${slow[@]}"
	within_ten_seconds has_samples
	kill -INT -- "-$started"
	finish
	exits 130
	[ "$(complete_launches)" = 0 ]
	assert_kept
	ringwalk run --resume latest
	exits 0
	says "has 0 complete launches"
	holds summary.json '.cells | all(.ns_per_entry.launches == 3)'
}

@test "Ctrl-C in the third launch: the two before it count, and one is to come" {
	start "${slow[@]}"
	within_ten_seconds eval '[ "$(complete_launches)" = 2 ]'
	within_ten_seconds eval '[ "$(grep -c "\"begin\"" results/runs/*/samples.jsonl)" = 3 ]'
	kill -INT -- "-$started"
	finish
	exits 130
	[ "$(complete_launches)" = 2 ]
	holds summary.json '.cells | all(.ns_per_entry.launches == 2)'
	ringwalk run --resume latest
	exits 0
	says "has 2 complete launches"
	[ "$(grep -c '"begin"' results/latest/samples.jsonl)" = 4 ]
}

@test "SIGTERM for the program alone is as Ctrl-C" {
	start "${slow[@]}"
	within_ten_seconds has_complete_launch
	guest=$(within_ten_seconds guest_below "$started")
	kill -TERM "$started"
	finish
	exits 130
	says "interrupted.*--resume $(basename results/runs/*)"
	assert_kept
	within_ten_seconds guest_is_gone "$guest"
}

@test "Ctrl-C while a launch starts is a Ctrl-C, too" {
	for delay in 00 01 02 04 08; do
		start "${slow[@]}"
		within_ten_seconds eval 'compgen -G "results/runs/*/plan.json" >/dev/null'
		sleep "0.$delay"
		kill -INT -- "-$started"
		finish
		exits 130
		[ -d "results/latest" ]
		rm -rf results
	done
}

@test "a launch that crashes: it is said, the others are kept, and it goes on" {
	start "${slow[@]}"
	within_ten_seconds has_complete_launch
	within_ten_seconds launch_of "$started" >pid
	kill -SEGV "$(cat pid)"
	finish
	exits 3
	says "launch [23] was killed by signal 11"
	n=$(complete_launches)
	holds summary.json ".cells | all(.ns_per_entry.launches == $n)"
	ringwalk run --resume latest
	exits 0
	says "has $n complete launches"
	holds run.json '.stopped == null'
	[ "$(complete_launches)" = 3 ]
}

@test "what a launch crashed of is said, not what stopped the one before it" {
	start "${slow[@]}"
	within_ten_seconds has_complete_launch
	kill -INT -- "-$started"
	finish
	exits 130
	begun=$(grep -c '"kind":"begin"' results/latest/samples.jsonl)
	start run --resume latest
	within_ten_seconds eval '[ "$(grep -c "\"begin\"" results/latest/samples.jsonl)" -gt "$begun" ]'
	within_ten_seconds launch_of "$started" >pid
	kill -SEGV "$(cat pid)"
	finish
	exits 3
	says "launch [23] was killed by signal 11"
	lacks interrupted err
}

@test "a full disk: exit 3, and with space it goes on" {
	mkdir results
	[ "$(id -u)" = 0 ] || skip "only root can mount a small file system"
	mount -t tmpfs -o size=128k ringwalk-test results 2>/dev/null || skip "mount is not permitted"
	mounted=$PWD/results
	ringwalk "${slow[@]}"
	exits 3
	says "results cannot be written any more: No space left on device"
	n=$(complete_launches)
	jq -es 'length > 0' results/runs/*/samples.jsonl >/dev/null
	[ "$n" -lt 3 ]
	mount -o remount,size=64m results
	ringwalk run --resume "$(basename results/runs/*)"
	exits 0
	says "has $n complete launches"
	[ "$(complete_launches)" = 3 ]
	holds run.json '.stopped == null'
}

@test "a complete run is reported again, and nothing is measured" {
	ringwalk "${three[@]}"
	exits 0
	cp -r "$(readlink -f results/latest)" before
	ringwalk run --resume latest
	exits 0
	says "has 3 complete launches"
	cmp before/samples.jsonl results/latest/samples.jsonl
	cmp before/summary.json results/latest/summary.json
	# Nor does the record say that it was another one.
	diff <(jq '[.id, .started, .command_line, .seed]' before/run.json) \
		<(jq '[.id, .started, .command_line, .seed]' results/latest/run.json)
}

@test "what is unavailable by then costs nothing of what was measured" {
	ringwalk "${any[@]}" --strategy copy_from_user --scenario steady --launches 1 --seconds 0.1
	exits 0
	# As if its second launch had been to come.
	sed -i 's/"launches",/&/; s/^    "1",$/    "2",/' results/latest/plan.json
	cp results/latest/samples.jsonl before
	deny process_vm_readv,process_vm_writev EPERM run --resume latest
	[ "$status" != 0 ]
	says "Operation not permitted"
	cmp before results/latest/samples.jsonl
	ringwalk run --resume latest
	exits 0
	[ "$(complete_launches)" = 2 ]
}

@test "--resume of an unknown run: exit 2, and the runs that there are" {
	ringwalk "${short[@]}"
	exits 0
	ringwalk run --resume 20000101-000000-00000
	exits 2
	says "resume '20000101-000000-00000': no such run.*; there are: $(basename results/runs/*)"
}

@test "--resume latest where there is no run: exit 2" {
	ringwalk run --resume latest
	exits 2
	says "resume 'latest': no such run"
	[ ! -e results ]
}

@test "--resume finds its run in --results" {
	ringwalk "${short[@]}" --results here
	exits 0
	ringwalk run --resume latest --results here
	exits 0
	says "has 1 complete launches"
	[ ! -e results ]
}

@test "--resume with other options: exit 2, as it is to be the same run" {
	ringwalk "${short[@]}"
	exits 0
	for other in "--strategy seqlock" --quick "--seed 7" "--launches 9"; do
		# shellcheck disable=SC2086 # an option and its value
		ringwalk run --resume latest $other
		exits 2
		says "'${other%% *}': a run is resumed with the options that it was begun with"
	done
}

@test "--resume of a run that is still at it: exit 3, and that run is not disturbed" {
	start "${slow[@]}"
	within_ten_seconds has_complete_launch
	mkdir other
	(
		cd other || exit
		ringwalk run --resume "$(basename ../results/runs/*)" --results ../results
		exits 3
		says "another process is measuring this run"
	)
	finish
	exits 0
	[ "$(complete_launches)" = 3 ]
	[ "$(grep -c '"kind":"begin"' results/latest/samples.jsonl)" = 3 ]
	jq -es 'length > 0' results/latest/samples.jsonl >/dev/null
}

@test "--resume of a damaged plan.json: exit 3 says that it is, and what is wrong with it" {
	ringwalk "${short[@]}"
	exits 0
	id=$(basename results/runs/*)
	cp results/latest/samples.jsonl before
	head -c 100 results/latest/plan.json >half
	for damage in half /dev/null <(echo '[]') <(echo '{"command": "run"}'); do
		cat "$damage" >plan
		cp plan "results/runs/$id/plan.json"
		ringwalk run --resume "$id"
		exits 3
		says "runs/$id/plan.json is damaged"
		lacks "no such run" err
	done
	cmp before results/latest/samples.jsonl
}

@test "--max-time has the time in it that the run took before it was resumed" {
	ringwalk "${any[@]}" --scenario steady --strategy pinned --seconds 1 --target 0.01 --max-time 3 \
		--seed 7
	exits 0
	n=$(complete_launches)
	[ "$n" -ge 5 ]
	sed -i 's/^    "3",$/    "1",/' results/latest/plan.json
	ringwalk run --resume latest
	exits 0
	says "has $n complete launches"
	[ "$(complete_launches)" = "$n" ]
}

# What a run must not be mixed with: exit 3, and its journal is as it was.
refuses() { # JQ-ASSIGNMENT PATTERN
	ringwalk "${short[@]}"
	exits 0
	cp results/latest/samples.jsonl before
	jq "$1" results/latest/plan.json >plan.json
	cp plan.json results/latest/plan.json
	ringwalk run --resume latest
	exits 3
	says "$2"
	cmp before results/latest/samples.jsonl
}

@test "--resume on another machine: exit 3" {
	refuses '.machine = "abacus"' "was measured on another machine \(abacus\)"
}

@test "--resume of other sources: exit 3" {
	refuses '.sources = "0123456789abcdef"' "was measured by other sources"
}

@test "--resume by another build of the same sources: exit 3" {
	refuses '.frame = "0123456789abcdef"' "was measured by another build of the program"
}

@test "--resume of a journal of other cells: exit 3" {
	refuses '.arguments |= map(if . == "pinned" then "seqlock" else . end)' \
		"samples.jsonl: it is of another selection or version"
}
