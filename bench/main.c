// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "run.h"

/* The command line as one string, for the record. */
static char *join(int argc, char **argv)
{
	size_t size = 1;
	char *text;

	for (int i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;
	text = malloc(size);
	if (!text)
		return NULL;
	*text = '\0';
	for (int i = 0; i < argc; i++) {
		strcat(text, i ? " " : "");
		strcat(text, argv[i]);
	}
	return text;
}

int main(int argc, char **argv)
{
	static struct options options;
	char *command_line = join(argc, argv);
	char error[200];
	int status;

	if (!command_line || registry_init(error, sizeof(error))) {
		fprintf(stderr, "ringwalk: %s\n", command_line ? error : "out of memory");
		return EXIT_ENVIRONMENT;
	}
	cli_parse(argc, argv, &options);
	status = options.command == COMMAND_LIST ? command_list(&options) :
						   command_run(&options, command_line);
	free(command_line);
	return status;
}
