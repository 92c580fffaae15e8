// SPDX-License-Identifier: GPL-2.0-or-later
/* --format: which formats there are depends on the command. */
#include "cli_options.h"

void cli_take_format(struct options *options, const char *text)
{
	static const char *const of_list[] = { "text", "json", "scenario" };
	static const char *const formats[FORMATS] = {
		[FORMAT_TABLE] = "table", [FORMAT_JSON] = "json",
		[FORMAT_CSV] = "csv",	  [FORMAT_MARKDOWN] = "markdown",
		[FORMAT_JUNIT] = "junit", [FORMAT_BMF] = "bmf",
		[FORMAT_GITHUB] = "github-benchmark",
	};
	int format;

	if (options->command == COMMAND_LIST) {
		format = parse_word("format", text, of_list, 3);
		options->as_file = format == 2;
		options->json = format == 1;
		return;
	}
	format = parse_word("format", text, formats,
			    BIT(options->command) & FOR_FIGURES ? FORMATS : FORMAT_JSON + 1);
	options->format = (enum format)format;
	options->json = options->format == FORMAT_JSON;
}

void cli_take_direction(struct options *options, const char *text)
{
	static const char *const directions[] = { "smaller", "bigger" };

	options->direction = (enum direction)parse_word("direction", text, directions, 2);
}
