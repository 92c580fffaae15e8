// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "measure/environment_build.h"
#include "report/results.h"
#include "verdict_file.h"

#define PLAN_SCHEMA 1

/* What was read of scenario files: launches and a resumed run take it from here. */
static json_t *scenario_files(const struct options *options)
{
	json_t *files = json_object();

	for (size_t i = 0; i < options->scenarios; i++)
		if (options->scenario[i].file)
			json_object_set_new(files, options->scenario[i].file,
					    json_string(options->scenario[i].text));
	return files;
}

/* Of the program but for the strategies, whose sources have a hash of their own. */
static const char *frame(void)
{
	const char *hash = build_frame_hash();

	return hash ? hash : "not known";
}

static json_t *plan_to_json(const struct options *options, const struct run_facts *facts)
{
	json_t *arguments = json_array();
	char seed[24];

	for (int i = 0; i < options->argc; i++)
		json_array_append_new(arguments, json_string(options->argv[i]));
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)options->seed);
	return json_pack("{s:i, s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:o}", "schema_version",
			 PLAN_SCHEMA,
			 "command", command_name(options->command), "command_line",
			 facts->command_line, "arguments", arguments, "seed", seed, "started",
			 facts->started, "machine", facts->machine, "sources",
			 verdict_file_sources(), "frame", frame(), "scenario_files", scenario_files(options));
}

int plan_file_write(const char *folder, const struct options *options,
		    const struct run_facts *facts)
{
	json_t *plan = plan_to_json(options, facts);
	char *text = plan ? json_dumps(plan, JSON_INDENT(2)) : NULL;
	int err = text ? write_file(folder, "plan.json", text, strlen(text)) : -ENOMEM;

	free(text);
	json_decref(plan);
	return err;
}

int plan_file_lock(const char *folder)
{
	char path[PATH_MAX];
	int fd, err;

	snprintf(path, sizeof(path), "%s/plan.json", folder);
	/* Never closed: the lock goes with the process, whatever ends it. */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return 0;
	err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	close(fd);
	return err;
}

static _Noreturn void no_such_run(const struct options *options)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *runs;

	fprintf(stderr, "ringwalk: --resume '%s': no such run in %s/runs; there are:",
		options->resume, options->results);
	snprintf(path, sizeof(path), "%s/runs", options->results);
	runs = opendir(path);
	while (runs && (entry = readdir(runs)))
		if (entry->d_name[0] != '.')
			fprintf(stderr, " %s", entry->d_name);
	if (runs)
		closedir(runs);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

/* NULL: there is none; exits (3) where there is one that cannot be read. */
static json_t *load(const struct options *options, const char *id)
{
	char path[PATH_MAX];
	json_error_t error;
	json_t *plan;

	snprintf(path, sizeof(path), "%s/runs/%s/plan.json", options->results, id);
	plan = json_load_file(path, 0, &error);
	if (!plan && !access(path, F_OK)) {
		bool closed = json_error_code(&error) == json_error_cannot_open_file;

		fprintf(stderr, "ringwalk: %s%s: %s\n", path, closed ? "" : " is damaged", error.text);
		exit(EXIT_ENVIRONMENT);
	}
	return plan;
}

/* results/latest is a link to runs/<id>. */
static const char *name_of(const struct options *options)
{
	static char target[PATH_MAX];
	char path[PATH_MAX];
	ssize_t length;

	if (strcmp(options->resume, "latest") != 0)
		return options->resume;
	snprintf(path, sizeof(path), "%s/latest", options->results);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		no_such_run(options);
	target[length] = '\0';
	return strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
}

/* Only what says which run it is may stand beside --resume: the rest is the run's own. */
static void check_alone(const struct options *options)
{
	for (int i = 0; i < options->argc; i++) {
		const char *word = options->argv[i];

		if (!strcmp(word, "--resume") || !strcmp(word, "--results"))
			i++;
		else if (strncmp(word, "--resume=", 9) != 0 && strncmp(word, "--results=", 10) != 0) {
			fprintf(stderr,
				"ringwalk: '%s': a run is resumed with the options that it was begun "
				"with; beside --resume only --results is known\n",
				word);
			exit(EXIT_USAGE);
		}
	}
}

static _Noreturn void out_of_memory(void)
{
	fputs("ringwalk: out of memory\n", stderr);
	exit(EXIT_ENVIRONMENT);
}

static char *copy_of(const char *word)
{
	char *copy = strdup(word ? word : "");

	if (!copy)
		out_of_memory();
	return copy;
}

void plan_file_resume(struct options *options)
{
	const char *id = name_of(options), *results = options->results;
	json_t *plan = load(options, id), *arguments;
	const char *command, *seed;
	char **argv, *folder;
	int argc = 0;

	check_alone(options);
	if (!plan)
		no_such_run(options);
	if (json_unpack(plan, "{s:s, s:o, s:s}", "command", &command, "arguments", &arguments,
			"seed", &seed)) {
		fprintf(stderr, "ringwalk: %s/runs/%s/plan.json is damaged\n", results, id);
		exit(EXIT_ENVIRONMENT);
	}
	/* The options point to these words for as long as the program runs. */
	argv = calloc(json_array_size(arguments) + 5, sizeof(*argv));
	if (!argv || asprintf(&folder, "%s/runs/%s", results, id) < 0)
		out_of_memory();
	argv[argc++] = copy_of("ringwalk");
	argv[argc++] = copy_of(command);
	for (size_t i = 0; i < json_array_size(arguments); i++)
		argv[argc++] = copy_of(json_string_value(json_array_get(arguments, i)));
	/* Scenario files are those that the run has read. */
	argv[argc++] = copy_of("--folder");
	argv[argc++] = folder;
	/* glibc: begin again. */
	optind = 0;
	cli_parse(argc, argv, options);
	options->results = results;
	options->resume = id;
	options->seed = strtoull(seed, NULL, 10);
	json_decref(plan);
}

int plan_file_check(const char *folder, struct run_facts *facts)
{
	const char *machine, *sources, *started, *command_line, *measured_by;
	char path[PATH_MAX];
	int err = -EINVAL;
	json_t *plan;

	snprintf(path, sizeof(path), "%s/plan.json", folder);
	plan = json_load_file(path, 0, NULL);
	if (json_unpack(plan, "{s:s, s:s, s:s, s:s, s:s}", "machine", &machine, "sources", &sources,
			"frame", &measured_by, "started", &started, "command_line", &command_line))
		fprintf(stderr, "ringwalk: %s is damaged\n", path);
	else if (strcmp(machine, facts->machine) != 0)
		fprintf(stderr, "ringwalk: %s was measured on another machine (%s)\n", folder,
			machine);
	else if (strcmp(sources, verdict_file_sources()) != 0)
		fprintf(stderr, "ringwalk: %s was measured by other sources: their figures do not go "
				"together\n",
			folder);
	else if (strcmp(measured_by, frame()) != 0)
		fprintf(stderr, "ringwalk: %s was measured by another build of the program: their "
				"figures do not go together\n",
			folder);
	else
		err = 0;
	if (err) {
		json_decref(plan);
		return err;
	}
	snprintf(facts->started, sizeof(facts->started), "%s", started);
	facts->command_line = command_line;
	facts->plan = plan;
	return 0;
}
