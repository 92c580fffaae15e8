// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `ringwalk icount`: count.sh builds the revisions and has each count in a machine of its own
 * (cells.c); here what they said is compared, kept and shown.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "formats/format.h"
#include "icount/icount.h"
#include "report/json.h"
#include "report/results.h"
#include "run.h"

#define SCRIPT "bench/icount/count.sh"
#define ARGUMENTS_MAX 32

/* A count in progress. */
struct count {
	const struct options *options;
	const char *command_line;
	char started[32];
	char folder[4096];
	char strategies[4096], scenarios[1024]; /* lists, or "" */
	struct icount_side base, head;
	struct icount icount;
};

/* --- the script ------------------------------------------------------------------------------ */

static volatile sig_atomic_t child;

/* The machines are the script's to stop. */
static void pass_on(int signal)
{
	(void)signal;
	if (child > 0)
		kill((pid_t)child, SIGTERM);
}

static int wait_for_child(void)
{
	int status;

	while (waitpid((pid_t)child, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_ENVIRONMENT;
	child = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_ENVIRONMENT;
}

/* Its exit status. It has said what went wrong. */
static int run_script(char **argument)
{
	const struct sigaction catch = { .sa_handler = pass_on };
	struct sigaction interrupt, terminate;
	int status;

	fflush(NULL);
	sigaction(SIGINT, &catch, &interrupt);
	sigaction(SIGTERM, &catch, &terminate);
	child = fork();
	if (!child) {
		sigaction(SIGINT, &interrupt, NULL);
		sigaction(SIGTERM, &terminate, NULL);
		execv(SCRIPT, argument);
		fprintf(stderr, "ringwalk: %s: %s\n", SCRIPT, strerror(errno));
		_exit(EXIT_ENVIRONMENT);
	}
	if (child < 0)
		fprintf(stderr, "ringwalk: fork: %s\n", strerror(errno));
	status = child < 0 ? EXIT_ENVIRONMENT : wait_for_child();
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGTERM, &terminate, NULL);
	return status;
}

static void join_names(const struct options *options, struct count *count)
{
	size_t used = 0;

	for (size_t i = 0; options->named && i < options->strategies; i++)
		used += (size_t)snprintf(count->strategies + used, sizeof(count->strategies) - used,
					 "%s%s", i ? "," : "", options->strategy[i]->name);
	used = 0;
	for (size_t i = 0; i < options->scenarios; i++)
		used += (size_t)snprintf(count->scenarios + used, sizeof(count->scenarios) - used,
					 "%s%s", i ? "," : "", options->scenario[i].name);
}

static int count_programs(struct count *count)
{
	const struct icount_options *icount = &count->options->icount;
	char program[4096] = "", base[300], head[300];
	char *argument[ARGUMENTS_MAX] = { (char *)SCRIPT, count->folder,
					  (char *)(icount->kernel ? icount->kernel : "-"), program };
	size_t n = 4;

	if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
		return EXIT_ENVIRONMENT;
	join_names(count->options, count);
	snprintf(base, sizeof(base), "base:%s", icount->base ? icount->base : "");
	snprintf(head, sizeof(head), "head:%s", icount->head ? icount->head : "-");
	if (icount->base)
		argument[n++] = base;
	argument[n++] = head;
	argument[n++] = (char *)"--";
	argument[n++] = (char *)"--scenario";
	argument[n++] = count->scenarios;
	if (*count->strategies) {
		argument[n++] = (char *)"--strategy";
		argument[n++] = count->strategies;
	}
	return run_script(argument);
}

/* --- results --------------------------------------------------------------------------------- */

/* results/icount/<when>, a new one. 0 or negative errno. */
static int make_folder(struct count *count)
{
	time_t now = time(NULL);
	struct tm utc;
	char stamp[32];
	int err;

	gmtime_r(&now, &utc);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &utc);
	strftime(count->started, sizeof(count->started), "%Y-%m-%dT%H:%M:%SZ", &utc);
	snprintf(count->folder, sizeof(count->folder), "%s/icount", count->options->results);
	err = make_folders(count->folder);
	for (int n = 1; !err; n++) {
		snprintf(count->folder, sizeof(count->folder), n > 1 ? "%s/icount/%s-%d" :
								       "%s/icount/%s",
			 count->options->results, stamp, n);
		if (!mkdir(count->folder, 0777))
			return 0;
		err = errno == EEXIST ? 0 : -errno;
	}
	return err;
}

/* QEMU's own first line. */
static void read_emulator(const struct count *count, char *text, size_t size)
{
	char path[4200];
	FILE *in;

	snprintf(path, sizeof(path), "%s/emulator", count->folder);
	in = fopen(path, "re");
	if (!in || !fgets(text, (int)size, in))
		snprintf(text, size, "unknown");
	text[strcspn(text, "\n")] = '\0';
	if (in)
		fclose(in);
}

static int keep(const struct count *count)
{
	char emulator[200], *text;
	json_t *json;
	int err = -ENOMEM;

	read_emulator(count, emulator, sizeof(emulator));
	json = icount_json(&count->icount, &count->options->icount, count->command_line,
			   count->started, emulator);
	text = json ? json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : NULL;
	if (text)
		err = write_file(count->folder, "icount.json", text, strlen(text));
	free(text);
	json_decref(json);
	return err;
}

/* What the user sees, and the exit status. */
static int report(const struct count *count)
{
	const struct options *options = count->options;
	const struct icount *icount = &count->icount;
	struct figures figures;
	int status = EXIT_FINE;

	if (options->format == FORMAT_TABLE) {
		icount_print(stdout, icount, &options->icount, options->show_all);
		printf("\n%s/icount.json\n", count->folder);
		if (fflush(stdout))
			status = EXIT_ENVIRONMENT;
	} else if (icount_figures(icount, &options->icount, &figures)) {
		status = EXIT_ENVIRONMENT;
	} else {
		status = format_print(options, &figures);
		free(figures.figure);
	}
	if (status)
		return status;
	if (icount->verdicts[ICOUNT_GREW])
		return EXIT_REGRESSION;
	if (icount->verdicts[ICOUNT_LOST]) {
		fputs("ringwalk: cells that the base could count have no figure any more\n", stderr);
		return EXIT_ENVIRONMENT;
	}
	return icount->verdicts[ICOUNT_NEVER] == icount->rows ? EXIT_NOTHING : EXIT_FINE;
}

static int load(struct count *count)
{
	const struct icount_options *options = &count->options->icount;
	char error[2000];

	count->base.name = options->base;
	count->head.name = options->head ? options->head : "the working tree";
	if ((!options->base ||
	     !icount_load(count->folder, "base", &count->base, error, sizeof(error))) &&
	    !icount_load(count->folder, "head", &count->head, error, sizeof(error)))
		return EXIT_FINE;
	fprintf(stderr, "ringwalk: icount: %s\n", error);
	return EXIT_ENVIRONMENT;
}

static int judge_and_report(struct count *count)
{
	const struct icount_options *options = &count->options->icount;
	int err, status;

	err = icount_judge(options->base ? &count->base : NULL, &count->head, options,
			   &count->icount);
	if (!err)
		err = keep(count);
	if (err) {
		fprintf(stderr, "ringwalk: %s/icount.json: %s\n", count->folder, strerror(-err));
		status = EXIT_ENVIRONMENT;
	} else {
		status = report(count);
	}
	icount_free(&count->icount);
	return status;
}

int command_icount(const struct options *options, const char *command_line)
{
	static struct count count;
	int status, err;

	count.options = options;
	count.command_line = command_line;
	if (access(SCRIPT, X_OK)) {
		fputs("ringwalk: icount builds and boots from the source tree: ./run.sh icount\n",
		      stderr);
		return EXIT_ENVIRONMENT;
	}
	err = make_folder(&count);
	if (err) {
		fprintf(stderr, "ringwalk: %s/icount: %s\n", options->results, strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	status = count_programs(&count);
	if (status == EXIT_INTERRUPTED)
		fprintf(stderr, "ringwalk: interrupted; what the machines had said is in %s\n",
			count.folder);
	if (!status)
		status = load(&count);
	if (!status)
		status = judge_and_report(&count);
	icount_unload(&count.base);
	icount_unload(&count.head);
	return status;
}
