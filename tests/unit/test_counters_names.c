// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what an event may be called: names, raw codes and a PMU's terms, each encoded as perf does,
 * and a sentence that helps where one is wrong; and which PMU of several is the thread's. The PMUs
 * are folders that the test makes, as the kernel does in /sys/bus/event_source/devices.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "counting.h"
#include "fake_pmu.h"
#include "in_child.h"
#include "measure/counters_names.h"
#include "measure/counters_pmu.h"

#define TYPE_CPU    4
#define TYPE_ATOM   10
#define TYPE_UNCORE 20

static struct perf_event_attr encode(const char *name, enum counter_mode mode)
{
	struct perf_event_attr attr = { 0 };

	assert_int_equal(counter_encode(name, mode, &attr), 0);
	return attr;
}

static void expect_wrong(const char *events, const char *sentence)
{
	char error[400] = "";

	assert_int_equal(counters_check(events, error, sizeof(error)), -ENOENT);
	if (!strstr(error, sentence))
		fail_msg("'%s' lacks '%s'", error, sentence);
}

static void expect_right(const char *events)
{
	char error[400] = "";

	if (counters_check(events, error, sizeof(error)))
		fail_msg("%s", error);
}

static void raw_codes_are_as_perf_writes_them(void **state)
{
	struct perf_event_attr attr = encode("r1a8", COUNTER_USER);
	char name[COUNTER_NAME_MAX];

	(void)state;
	assert_int_equal(attr.type, PERF_TYPE_RAW);
	assert_int_equal(attr.config, 0x1a8);
	assert_true(attr.exclude_kernel && !attr.exclude_user && attr.exclude_hv);
	attr = encode("r1a8", COUNTER_KERNEL);
	assert_true(!attr.exclude_kernel && attr.exclude_user);
	counter_name("r1a8", COUNTER_KERNEL, name, sizeof(name));
	assert_string_equal(name, "r1a8:k");
	assert_true(encode("rFFFFffff00000001:u", COUNTER_USER).config == 0xffffffff00000001);
	assert_int_equal(counter_encode("r1a8:u", COUNTER_KERNEL, &attr), -ESRCH);
	attr = encode("r1a8:uk", COUNTER_BOTH);
	assert_true(!attr.exclude_kernel && !attr.exclude_user);
	expect_right("r0,rff:k,cycles");
	expect_wrong("r1a8:x", "behind a raw code comes :u or :k, or nothing");
	/* Names of libpfm4's kind, and none that it knows. */
	expect_wrong("rxyz", "'rxyz' is unknown");
	expect_wrong("r12345678901234567", "is unknown");
}

static void make_cpu(void)
{
	make_pmu("cpu", "type", "4");
	make_pmu("cpu", "format/event", "config:0-7,32-35");
	make_pmu("cpu", "format/umask", "config:8-15");
	make_pmu("cpu", "format/edge", "config:18");
	make_pmu("cpu", "format/ldlat", "config1:0-15");
	make_pmu("cpu", "format/frontend", "config2:4-7");
	make_pmu("cpu", "events/mem-loads", "event=0xcd,umask=0x1,ldlat=3");
	make_pmu("cpu", "events/again", "again");
}

static void terms_go_where_the_format_says(void **state)
{
	struct perf_event_attr attr;

	(void)state;
	make_cpu();
	attr = encode("cpu/event=0x5c0,umask=2,edge/", COUNTER_USER);
	assert_int_equal(attr.type, TYPE_CPU);
	assert_true(attr.config == (0xc0 | 2 << 8 | 1 << 18 | 5ull << 32));
	assert_true(attr.exclude_kernel && !attr.exclude_user);
	assert_int_equal(encode("cpu/frontend=0xa/k", COUNTER_KERNEL).config2, 0xa0);
	attr = encode("cpu/config=0xffffffffffffffff,config1=7,config2=8/u", COUNTER_USER);
	assert_true(attr.config == UINT64_MAX && attr.config1 == 7 && attr.config2 == 8);
	attr = encode("cpu/mem-loads,edge/", COUNTER_KERNEL);
	assert_true(attr.config == (0xcd | 1 << 8 | 1 << 18) && attr.config1 == 3);
	/* Commas between slashes separate terms, and others events. */
	expect_right("cpu/event=1,umask=2/,cycles cpu/event=3/u");
}

static void wrong_terms_are_met_with_the_right_ones(void **state)
{
	(void)state;
	make_cpu();
	make_pmu("imc", "type", "20");
	expect_wrong("cpu/evnt=1/", "'evnt' is no term of cpu; it has config config1 config2");
	expect_wrong("cpu/evnt=1/", " umask");
	expect_wrong("cpu/evnt=1/", "; and");
	expect_wrong("cpu/evnt=1/", " mem-loads");
	expect_wrong("cpu/umask=0x100/", "umask=0x100 does not fit into config:8-15");
	expect_wrong("cpu/umask=x/", "umask='x': a number was expected");
	expect_wrong("cpu/umask=-1/", "a number was expected");
	expect_wrong("cpu/umask=/", "a number was expected");
	expect_wrong("cpu/umask=1/x", "behind a PMU's terms comes u or k, or nothing");
	expect_wrong("cpu/umask=1", "between two slashes");
	expect_wrong("gpu/umask=1/", "there is no PMU 'gpu'; there are");
	expect_wrong("gpu/umask=1/", " imc");
	expect_wrong("/umask=1/", "there is no PMU ''");
	/* Names that lead to themselves end. */
	expect_wrong("cpu/again/", "'again' is no term of cpu");
	expect_wrong("cpu/event=1,umask=1,umask=1,umask=1,umask=1,umask=1,umask=1,umask=1,umask=1,"
		     "umask=1,umask=1,umask=1/",
		     "no name is that long");
}

static void the_chip_s_events_do_not_tell_modes_apart(void **state)
{
	struct perf_event_attr attr;

	(void)state;
	make_pmu("imc", "type", "20");
	make_pmu("imc", "cpumask", "0");
	attr = encode("imc/config=4/", COUNTER_BOTH);
	assert_int_equal(attr.type, TYPE_UNCORE);
	assert_true(!attr.exclude_user && !attr.exclude_kernel && !attr.exclude_hv);
	assert_int_equal(counter_encode("imc/config=4/", COUNTER_USER, &attr), -ESRCH);
}

static void make_hybrid(void)
{
	make_pmu("cpu_core", "type", "4");
	make_pmu("cpu_core", "cpus", "0-7,12");
	make_pmu("cpu_atom", "type", "10");
	make_pmu("cpu_atom", "cpus", "8-11,13-14");
	make_pmu("imc", "type", "20");
	make_pmu("imc", "cpumask", "0");
}

static void the_pmu_is_that_of_the_thread_s_cpu(void **state)
{
	struct counter_pmu pmu;

	(void)state;
	assert_int_equal(counter_pmu_find(fake.folder, 3, &pmu), -ENOENT);
	assert_string_equal(pmu.name, "");
	make_hybrid();
	assert_int_equal(counter_pmu_find(fake.folder, 3, &pmu), 0);
	assert_string_equal(pmu.name, "cpu_core");
	assert_true(pmu.hybrid && pmu.type == TYPE_CPU);
	assert_int_equal(counter_pmu_find(fake.folder, 12, &pmu), 0);
	assert_string_equal(pmu.name, "cpu_core");
	assert_int_equal(counter_pmu_find(fake.folder, 14, &pmu), 0);
	assert_string_equal(pmu.name, "cpu_atom");
	assert_int_equal(pmu.type, TYPE_ATOM);
	assert_int_equal(counter_pmu_find(fake.folder, 15, &pmu), -ENOENT);
	assert_int_equal(counter_pmu_find("/nowhere", 0, &pmu), -ENOENT);
}

static void one_kind_of_core_is_not_hybrid(void **state)
{
	struct counter_pmu pmu;

	(void)state;
	make_cpu();
	make_pmu("imc", "type", "20");
	assert_int_equal(counter_pmu_find(fake.folder, 3, &pmu), 0);
	assert_string_equal(pmu.name, "cpu");
	assert_false(pmu.hybrid);
}

static const struct perf_event_attr *event_of(const struct counters *counters, const char *name)
{
	int i = find_counter(counters, name);

	assert_true(i >= 0 && counters_at(counters, (size_t)i)->fd >= 0);
	return &fake.event[counters_at(counters, (size_t)i)->fd - FAKE_FD].attr;
}

static void on_a_hybrid_machine_events_name_their_pmu(void **state)
{
	struct counters *counters;

	(void)state;
	make_hybrid();
	fake.cpu = 9;
	counters = counters_open("cycles:u,L1-dcache-loads:u,r1a8:u,page-faults:u");
	assert_true(event_of(counters, "cycles:u")->config ==
		    ((uint64_t)TYPE_ATOM << 32 | PERF_COUNT_HW_CPU_CYCLES));
	assert_int_equal(event_of(counters, "L1-dcache-loads:u")->config >> 32, TYPE_ATOM);
	assert_int_equal(event_of(counters, "L1-dcache-loads:u")->type, PERF_TYPE_HW_CACHE);
	assert_int_equal(event_of(counters, "r1a8:u")->type, TYPE_ATOM);
	assert_int_equal(event_of(counters, "page-faults:u")->config, PERF_COUNT_SW_PAGE_FAULTS);
	assert_non_null(strstr(counters_pmu_text(counters), "cpu_atom of CPU 9 ("));
	assert_non_null(strstr(counters_pmu_text(counters), "one of several kinds of core"));
	counters_close(counters);
}

static void kernels_that_know_no_such_form_get_the_plain_one(void **state)
{
	struct counters *counters;

	(void)state;
	make_hybrid();
	fake.cpu = 9;
	fake.refuse_config_above_32_bits = EINVAL;
	counters = counters_open("cycles:u");
	assert_int_equal(event_of(counters, "cycles:u")->config, PERF_COUNT_HW_CPU_CYCLES);
	counters_close(counters);
}

static void an_event_of_other_cores_says_so(void **state)
{
	const struct counter *counter;
	struct counters *counters;

	(void)state;
	make_hybrid();
	fake.cpu = 9;
	counters = counters_open("cpu_core/config=0xc0/u,cpu_atom/config=0xc0/u");
	counter = counters_at(counters, 0);
	assert_int_equal(counter->status, COUNTER_UNSUPPORTED);
	assert_string_equal(counter->reason,
			    "an event of cpu_core; the worker is on CPU 9, whose PMU is cpu_atom");
	assert_int_equal(counters_at(counters, 1)->status, COUNTER_OK);
	counters_close(counters);
}

static void reading_in_user_space_is_asked_for_where_that_is_possible(void **state)
{
	struct counters *counters;

	(void)state;
	make_pmu("armv8_pmuv3_0", "type", "8");
	make_pmu("armv8_pmuv3_0", "cpus", "0-3");
	make_pmu("armv8_pmuv3_0", "format/rdpmc", "config1:1");
	counters = counters_open("cycles:u,page-faults:u,armv8_pmuv3_0/config=0x11/u");
	assert_int_equal(event_of(counters, "cycles:u")->config1, 2);
	assert_int_equal(event_of(counters, "armv8_pmuv3_0/config=0x11/u")->config1, 2);
	assert_int_equal(event_of(counters, "page-faults:u")->config1, 0);
	counters_close(counters);
	make_pmu("armv8_pmuv3_0", "format/long", "config1:0");
	counters = counters_open("cycles:u,cycles:k,armv8_pmuv3_0/config=0x11,config1=4/u");
	assert_int_equal(event_of(counters, "cycles:u")->config1, 3);
	/* The group has room for one that is so wide: the other is narrower, and not apart. */
	assert_int_equal(event_of(counters, "cycles:k")->config1, 2);
	assert_int_equal(counters_at(counters, 1)->group, counters_at(counters, 0)->group);
	/* What was asked for is left as it is. */
	assert_int_equal(event_of(counters, "armv8_pmuv3_0/config=0x11,config1=4/u")->config1, 4);
	counters_close(counters);
	fake.refuse_config1 = EOPNOTSUPP;
	counters = counters_open("cycles:u");
	assert_int_equal(event_of(counters, "cycles:u")->config1, 0);
	counters_close(counters);
}

/* As if the CPU were another one; libpfm4 asks once. */
static int model_is_found(const void *model)
{
	struct counter_pmu pmu = { .type = TYPE_CPU };

	EXPECT(setenv("LIBPFM_FORCE_PMU", model, 1) == 0);
	counter_pmu_model(&pmu);
	EXPECT(strcmp(pmu.model, model) == 0);
	EXPECT(pmu.counters >= 4);
	return 0;
}

static void the_model_is_libpfm4_s(void **state)
{
#if defined(__x86_64__)
	const char *const models[] = { "skl", "amd64_fam19h_zen4" };
#else
	const char *const models[] = { "arm_n1", "arm_ac57" };
#endif

	(void)state;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		assert_int_equal(in_child(model_is_found, models[i]), 0);
}

static void what_a_name_means_on_a_model_is_noted(void **state)
{
	(void)state;
	assert_non_null(strstr(counter_quirk("amd64_fam19h_zen4", "cache-misses"), "L2"));
	assert_non_null(strstr(counter_quirk("arm_n1", "Cache-Misses"), "L1-dcache-load-misses"));
	assert_null(counter_quirk("arm_n1", "cycles"));
	assert_null(counter_quirk("skl", "cache-misses"));
	assert_null(counter_quirk("", "cache-misses"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: it is this process's first use of libpfm4, too. */
		cmocka_unit_test(the_model_is_libpfm4_s),
		FAKE_TEST(raw_codes_are_as_perf_writes_them),
		FAKE_TEST(terms_go_where_the_format_says),
		FAKE_TEST(wrong_terms_are_met_with_the_right_ones),
		FAKE_TEST(the_chip_s_events_do_not_tell_modes_apart),
		FAKE_TEST(the_pmu_is_that_of_the_thread_s_cpu),
		FAKE_TEST(one_kind_of_core_is_not_hybrid),
		FAKE_TEST(on_a_hybrid_machine_events_name_their_pmu),
		FAKE_TEST(kernels_that_know_no_such_form_get_the_plain_one),
		FAKE_TEST(an_event_of_other_cores_says_so),
		FAKE_TEST(reading_in_user_space_is_asked_for_where_that_is_possible),
		FAKE_TEST(what_a_name_means_on_a_model_is_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
