// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Errors that a sanitizer must report, and what it must not: shows that a build's sanitizers are on
 * and understand the project's own primitives.
 *
 * Usage: planted race | ordered | use-after-free | overflow
 */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringwalk/barrier.h>

static __u32 ready, data;

static void *publish(void *unused)
{
	data = 1;
	/* Pairs with the acquire in ordered(). */
	smp_store_release(&ready, 1);
	return unused;
}

static void *publish_unordered(void *unused)
{
	data = 1;
	WRITE_ONCE(ready, 1);
	return unused;
}

static int ordered(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, publish, NULL))
		return 3;
	while (!smp_load_acquire(&ready))
		;
	data++;
	pthread_join(thread, NULL);
	return data != 2;
}

static int race(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, publish_unordered, NULL))
		return 3;
	while (!READ_ONCE(ready))
		;
	data++;
	pthread_join(thread, NULL);
	return data != 2;
}

static int use_after_free(void)
{
	char *volatile memory = malloc(1);
	char value;

	free(memory);
	value = *memory;
	return value != 0;
}

static int overflow(void)
{
	volatile int most = INT_MAX, more = most + 1;

	return more > 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} all[] = {
		{ "ordered", ordered },
		{ "race", race },
		{ "use-after-free", use_after_free },
		{ "overflow", overflow },
	};

	for (size_t i = 0; argc == 2 && i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(argv[1], all[i].name))
			return all[i].run();
	fputs("usage: planted race | ordered | use-after-free | overflow\n", stderr);
	return 2;
}
