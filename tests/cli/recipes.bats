#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# The files that docs/ci.md gives away: they are YAML of the form that the CI takes, every command line
# of ringwalk's in them is one that it takes, and no foreign code comes without a version.

load helpers

recipes=$BATS_TEST_DIRNAME/../../docs/ci

setup_file() {
	python3 -c 'import yaml' 2>/dev/null || skip "python3 has no yaml here"
}

# The shell's lines of a recipe, one command a line, as the CI's own reader of YAML has them.
commands() { # RECIPE
	python3 - "$1" <<-'END'
		import sys, yaml

		def scripts(node):
		    if isinstance(node, dict):
		        for key, value in node.items():
		            if key in ("run", "script", "before_script") and not isinstance(value, dict):
		                yield from [value] if isinstance(value, str) else value
		            else:
		                yield from scripts(value)
		    elif isinstance(node, list):
		        for value in node:
		            yield from scripts(value)

		for script in scripts(yaml.safe_load(open(sys.argv[1]))):
		    print(script)
	END
}

# Those of ringwalk's, without what follows a redirection.
ringwalk_lines() { # RECIPE
	commands "$1" | grep -o '\./run\.sh [^>|;]*'
}

# What may stand behind a command, by its own help.
help_of() { # COMMAND
	case $1 in
	check) "$root/tests/run-tests.sh" --help ;;
	*) "$build/ringwalk" "$1" --help ;;
	esac
	"$root/run.sh" --help
}

has_option() { # FILE OPTION
	grep -Eq -- "(^|[^a-z-])$2([^a-z-]|\$)" "$1"
}

@test "each recipe is YAML that its CI knows" {
	local recipe

	for recipe in "$recipes"/*.yml; do
		python3 - "$recipe" <<-'END'
			import sys, yaml

			name = sys.argv[1]
			recipe = yaml.safe_load(open(name))
			if "/github-" in name:
			    # YAML 1.1 reads the key "on" as a truth.
			    assert True in recipe and recipe["jobs"], name
			    for job in recipe["jobs"].values():
			        assert job["runs-on"] and job["timeout-minutes"], name
			        for step in job["steps"]:
			            assert ("run" in step) != ("uses" in step), step
			else:
			    known = {"default", "variables", "stages", "include", "workflow"}
			    jobs = [job for key, job in recipe.items() if key not in known]
			    assert jobs and all(job["script"] and job["rules"] for job in jobs), name
		END
	done
}

@test "each has what docs/ci.md says of it, and says what it is for" {
	local recipe

	for recipe in "$recipes"/*.yml; do
		grep -q "(ci/${recipe##*/})" "$root/docs/ci.md"
		sed -n 3p "$recipe" | grep -Eq '^# (GitHub Actions|GitLab CI) on a '
		ringwalk_lines "$recipe" | grep -q 'run.sh icount '
		ringwalk_lines "$recipe" | grep -q 'run.sh compare '
	done
}

@test "every option of ringwalk's in them is one that the command has" {
	local recipe line command option n=0

	for recipe in "$recipes"/*.yml; do
		while read -r line; do
			read -r _ command _ <<<"$line"
			help_of "$command" >help
			while read -r option; do
				n=$((n + 1))
				has_option help "$option" || {
					echo "$recipe: $command has no $option"
					return 1
				}
			done < <(grep -o -- '--[a-z-]*' <<<"$line")
		done < <(ringwalk_lines "$recipe")
	done
	[ "$n" -gt 15 ]
}

@test "an option that there is not is found" {
	help_of run >help
	has_option help --results
	if has_option help --result; then
		return 1
	fi
}

@test "no foreign action or image comes without a version" {
	local name

	while read -r name; do
		[[ $name =~ (@v[0-9]+\.[0-9]+\.[0-9]+|@[0-9a-f]{40}|:[0-9]+)$ ]] || {
			echo "$name has no version"
			return 1
		}
	done < <(grep -ohE '(uses|image|container): [^ ]+' "$recipes"/*.yml | sed 's/.*: //')
}

@test "known-changes, and its example without the #, are what compare takes" {
	local runs

	for _ in base head; do
		ringwalk "${any[@]}" --launches 5 --seconds 0.3 --strategy seqlock --scenario steady
		exits 0
	done
	runs=(results/runs/*)
	cat "$recipes/known-changes" >known
	sed -n 's/^#   \(seqlock.*\)/\1/p' "$recipes/known-changes" >example
	grep -q '^seqlock/steady ns_per_entry +' example
	for file in known example; do
		ringwalk compare --base "${runs[0]}" --head "${runs[1]}" --unchanged --max-noise 100 \
			--accept "$file"
		# Whatever noise makes of it.
		[ "$status" = 1 ] || exits 0
	done
}
