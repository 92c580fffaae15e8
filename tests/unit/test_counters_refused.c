// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what becomes of counters that the kernel refuses: each error has its status and a reason
 * that helps, and what can still be counted is. The refusals are real, by seccomp filters, resource
 * limits and lost privileges, in forked children.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <perfmon/pfmlib.h>

#include "counting.h"
#include "in_child.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int libpfm4_is_gone(const void *argument)
{
	char error[256] = "";
	struct counters *counters;

	(void)argument;
	EXPECT(counters_check("cycles", error, sizeof(error)) == 0);
	pfm_terminate();
	EXPECT(counters_check("cycles", error, sizeof(error)) == -ENOENT);
	EXPECT(strstr(error, "'cycles' cannot be encoded: libpfm4: "));
	counters = counters_open("cycles");
	EXPECT(counters && counters_count(counters) == 1 + 4);
	EXPECT(counters_at(counters, 0)->status == COUNTER_UNKNOWN);
	counters_close(counters);
	return 0;
}

static void without_libpfm4_nothing_crashes(void **state)
{
	(void)state;
	assert_int_equal(in_child(libpfm4_is_gone, NULL), 0);
}

struct refusal {
	int err;
	enum counter_status status;
};

static int every_event_is_refused(const void *argument)
{
	const struct refusal *refusal = argument;
	struct counter_value value[MOST_EVENTS];
	struct counters *counters;

	EXPECT(refuse_call(SYS_perf_event_open, (unsigned int)refusal->err) == 0);
	counters = counters_open(NULL);
	EXPECT(counters && counters_count(counters) >= 20);
	for (size_t i = 0; i < counters_count(counters); i++) {
		const struct counter *counter = counters_at(counters, i);

		EXPECT(counter->status == refusal->status);
		EXPECT(strstr(counter->reason, strerror(refusal->err)));
		EXPECT(refusal->status != COUNTER_DENIED ||
		       strstr(counter->reason, "perf_event_paranoid"));
		EXPECT(counter->fd == -1);
	}
	counters_enable(counters, 0);
	counters_read(counters, value);
	EXPECT(value[0].enabled_ns == 0);
	counters_disable(counters);
	counters_close(counters);
	return 0;
}

static void each_refusal_has_its_status(void **state)
{
	static const struct refusal refusals[] = {
		{ EACCES, COUNTER_DENIED },	 { EPERM, COUNTER_DENIED },
		{ ENOENT, COUNTER_UNSUPPORTED }, { EOPNOTSUPP, COUNTER_UNSUPPORTED },
		{ ENODEV, COUNTER_UNSUPPORTED }, { EINVAL, COUNTER_UNSUPPORTED },
		{ ENOSYS, COUNTER_UNSUPPORTED }, { EBUSY, COUNTER_BLOCKED },
		{ EMFILE, COUNTER_EXHAUSTED },	 { ENFILE, COUNTER_EXHAUSTED },
		{ ENOSPC, COUNTER_EXHAUSTED },	 { ENOMEM, COUNTER_EXHAUSTED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++)
		assert_int_equal(in_child(every_event_is_refused, &refusals[i]), 0);
}

/* Closes the limit so that `more` descriptors can be opened from here. */
static int leave_descriptors(unsigned int more)
{
	struct rlimit limit = { 0 };
	int next = dup(0);

	if (next < 0 || close(next))
		return -1;
	/* The lowest free one: all below are taken. */
	limit.rlim_cur = limit.rlim_max = (rlim_t)next + more;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

static int descriptors_run_out(const void *argument)
{
	unsigned int left = *(const unsigned int *)argument;
	struct counters *counters;

	/* This makes libpfm4 read what it reads of /sys as well: that is not what is to fail. */
	if (nothing_counts())
		return CHILD_CANNOT;
	EXPECT(leave_descriptors(left) == 0);
	counters = counters_open("cpu-clock:u,minor-faults:u,major-faults:u");
	EXPECT(counters && counters_count(counters) >= 3);
	for (unsigned int i = 0; i < 3; i++) {
		const struct counter *counter = counters_at(counters, i);

		EXPECT(counter->status == (i < left ? COUNTER_OK : COUNTER_EXHAUSTED));
		EXPECT(i < left || strstr(counter->reason, strerror(EMFILE)));
	}
	counters_enable(counters, 0);
	touch_fresh_pages(NULL);
	counters_disable(counters);
	EXPECT(value_of(counters, "cpu-clock:u") > 0 || left < 1);
	EXPECT(value_of(counters, "minor-faults:u") >= (left < 2 ? 0 : PAGES));
	EXPECT(value_of(counters, "major-faults:u") == 0);
	counters_close(counters);
	return 0;
}

static void check_in_child(int (*body)(const void *argument), const void *argument)
{
	int result = in_child(body, argument);

	if (result == CHILD_CANNOT)
		skip();
	assert_int_equal(result, 0);
}

static void what_still_opens_counts_when_descriptors_run_out(void **state)
{
	(void)state;
	for (unsigned int left = 0; left < 4; left++)
		check_in_child(descriptors_run_out, &left);
}

static int denied_and_no_proc(const void *argument)
{
	struct counters *counters;
	char ignored[256];

	(void)argument;
	counters_check("cycles", ignored, sizeof(ignored));
	EXPECT(refuse_call(SYS_perf_event_open, EACCES) == 0);
	EXPECT(leave_descriptors(0) == 0);
	counters = counters_open("");
	EXPECT(counters && counters_at(counters, 0)->status == COUNTER_DENIED);
	EXPECT(strstr(counters_at(counters, 0)->reason, "perf_event_paranoid cannot be read"));
	counters_close(counters);
	return 0;
}

static void a_denial_is_reported_without_proc(void **state)
{
	(void)state;
	assert_int_equal(in_child(denied_and_no_proc, NULL), 0);
}

static int members_are_refused(const void *argument)
{
	const unsigned int group_fd = 3;
	struct counters *counters;

	if (nothing_counts())
		return CHILD_CANNOT;
	EXPECT(refuse_call_unless(SYS_perf_event_open, *(const unsigned int *)argument, group_fd,
				  UINT32_MAX) == 0);
	counters = counters_open("minor-faults:u,cpu-clock:u,page-faults:u");
	EXPECT(counters && counters_count(counters) >= 3);
	counters_enable(counters, 0);
	touch_fresh_pages(NULL);
	counters_disable(counters);
	for (size_t i = 0; i < 3; i++) {
		EXPECT(counters_at(counters, i)->status == COUNTER_OK);
		for (size_t j = 0; j < i; j++)
			EXPECT(counters_at(counters, i)->group != counters_at(counters, j)->group);
	}
	EXPECT(value_of(counters, "minor-faults:u") >= PAGES);
	EXPECT(value_of(counters, "page-faults:u") >= PAGES);
	EXPECT(value_of(counters, "cpu-clock:u") > 0);
	counters_close(counters);
	return 0;
}

static void what_cannot_join_its_group_counts_alone(void **state)
{
	const unsigned int errors[] = { EINVAL, ENOSPC };

	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++)
		check_in_child(members_are_refused, &errors[i]);
}

static int paranoid_setting(void)
{
	FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
	int paranoid = -2;

	if (file && fscanf(file, "%d", &paranoid) != 1)
		paranoid = -2;
	if (file)
		fclose(file);
	return paranoid;
}

static int nobody_counts(const void *argument)
{
	const int paranoid = *(const int *)argument;
	enum counter_status switches = paranoid >= 2 ? COUNTER_DENIED : COUNTER_OK;
	const char *faults = paranoid >= 2 ? "page-faults:u" : "page-faults";
	struct counters *counters;
	int i;

	/* With privilege: a container's filter refuses whatever the setting. */
	if (nothing_counts())
		return CHILD_CANNOT;
	/* Nobody in particular, and so without CAP_PERFMON. */
	EXPECT(geteuid() != 0 || setresuid(65534, 65534, 65534) == 0);
	counters = counters_open("");
	EXPECT(counters && counters_count(counters) == 4);
	i = find_counter(counters, "context-switches");
	/* Some distributions have levels above 2, which leave nothing. */
	for (size_t j = 0; paranoid > 2 && j < 4; j++)
		EXPECT(counters_at(counters, j)->status == COUNTER_DENIED);
	EXPECT(i >= 0 && counters_at(counters, (size_t)i)->status == switches);
	EXPECT(paranoid < 2 || strstr(counters_at(counters, (size_t)i)->reason,
				      "sysctl kernel.perf_event_paranoid=1, or CAP_PERFMON"));
	counters_enable(counters, 0);
	spin_ms(5);
	touch_fresh_pages(NULL);
	counters_disable(counters);
	EXPECT(paranoid > 2 || find_counter(counters, faults) >= 0);
	EXPECT(paranoid > 2 || value_of(counters, "task-clock") > 0);
	EXPECT(paranoid > 2 || value_of(counters, faults) >= PAGES);
	counters_close(counters);
	return 0;
}

static void without_privilege_clocks_and_user_faults_remain(void **state)
{
	const int paranoid = paranoid_setting();

	(void)state;
	check_in_child(nobody_counts, &paranoid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_libpfm4_nothing_crashes),
		cmocka_unit_test(each_refusal_has_its_status),
		cmocka_unit_test(what_still_opens_counts_when_descriptors_run_out),
		cmocka_unit_test(a_denial_is_reported_without_proc),
		cmocka_unit_test(what_cannot_join_its_group_counts_alone),
		cmocka_unit_test(without_privilege_clocks_and_user_faults_remain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
