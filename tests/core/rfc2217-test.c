/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Telnet and its COM port option, fed by hand. */

#include "sy-rfc2217.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* RFC 854, 856, 857, 858 and 2217. */
enum { SE = 240, NOP = 241, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };
enum { BINARY = 0, ECHO = 1, SGA = 3, COM = 44 };

static gsize feed(SyRfc2217 *telnet, const guint8 *bytes, gsize length, guint8 *data)
{
  return sy_rfc2217_take(telnet, bytes, length, data);
}

#define FEED(telnet, data, ...)                                                                    \
  feed((telnet), (const guint8[]){__VA_ARGS__}, sizeof((const guint8[]){__VA_ARGS__}), (data))

static void forget_out(SyRfc2217 *telnet)
{
  gsize length;

  sy_rfc2217_peek_out(telnet, &length);
  sy_rfc2217_sent(telnet, length);
}

static void assert_out(SyRfc2217 *telnet, const guint8 *bytes, gsize wanted)
{
  gsize length;
  const guint8 *out = sy_rfc2217_peek_out(telnet, &length);

  assert_int_equal(length, wanted);
  assert_memory_equal(out, bytes, wanted);
  forget_out(telnet);
}

#define ASSERT_OUT(telnet, ...)                                                                    \
  assert_out((telnet), (const guint8[]){__VA_ARGS__}, sizeof((const guint8[]){__VA_ARGS__}))

static void assert_silent(const SyRfc2217 *telnet)
{
  gsize length;

  sy_rfc2217_peek_out(telnet, &length);
  assert_int_equal(length, 0);
}

static SyRfc2217 *begin(void)
{
  SyRfc2217 *telnet = g_new(SyRfc2217, 1);

  sy_rfc2217_init(telnet);
  return telnet;
}

static void it_begins_with_binary_both_ways_and_the_com_port_option(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 data[32];

  (void)state;
  ASSERT_OUT(telnet, IAC, WILL, BINARY, IAC, DO, BINARY, IAC, WILL, SGA, IAC, DO, SGA, IAC, WILL,
             COM);
  assert_int_equal(sy_rfc2217_get_com_port(telnet), SY_OPTION_ASKED);
  assert_int_equal(FEED(telnet, data, IAC, DO, COM, IAC, DO, BINARY), 0);
  assert_int_equal(sy_rfc2217_get_com_port(telnet), SY_OPTION_ON);
  assert_int_equal(sy_rfc2217_get_binary(telnet), SY_OPTION_ASKED);
  FEED(telnet, data, IAC, WILL, BINARY);
  assert_int_equal(sy_rfc2217_get_binary(telnet), SY_OPTION_ON);
  assert_silent(telnet); /* what was asked for is not answered again */
}

static void a_refused_option_is_known_as_refused(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 data[32];

  (void)state;
  forget_out(telnet);
  FEED(telnet, data, IAC, DONT, COM, IAC, WONT, BINARY);
  assert_int_equal(sy_rfc2217_get_com_port(telnet), SY_OPTION_REFUSED);
  assert_int_equal(sy_rfc2217_get_binary(telnet), SY_OPTION_REFUSED);
  assert_silent(telnet);
}

static void echo_and_unknown_options_are_refused_once(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 data[32];

  (void)state;
  forget_out(telnet);
  FEED(telnet, data, IAC, WILL, ECHO, IAC, DO, 24);
  ASSERT_OUT(telnet, IAC, DONT, ECHO, IAC, WONT, 24);
  FEED(telnet, data, IAC, WILL, ECHO, IAC, DO, 24);
  assert_silent(telnet);
}

static void a_server_that_never_stops_negotiating_gets_few_answers(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  gsize answered = 0, length;
  guint8 data[8];

  (void)state;
  forget_out(telnet);
  for (guint n = 0; n < 100000; n++) {
    FEED(telnet, data, IAC, (guint8)(WILL + n % 4), (guint8)(n / 4));
    sy_rfc2217_peek_out(telnet, &length);
    answered += length;
    forget_out(telnet);
  }
  assert_true(answered > 0);
  assert_true(answered <= 256 * 2 * 2 * 3); /* two sides, at most a yes and a no on each */
}

static void a_doubled_0xff_is_one_byte_of_data(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 data[32];

  (void)state;
  assert_int_equal(FEED(telnet, data, 1, IAC, IAC, 2, IAC, NOP, 3), 4);
  assert_memory_equal(data, ((guint8[]){1, 255, 2, 3}), 4);
}

static void data_are_escaped_byte_by_byte(void **state)
{
  const guint8 bytes[] = {0, 255, 255, 13, 10};
  guint8 to[2 * sizeof bytes];

  (void)state;
  assert_int_equal(sy_rfc2217_escape(bytes, sizeof bytes, to), 7);
  assert_memory_equal(to, ((guint8[]){0, 255, 255, 255, 255, 13, 10}), 7);
}

static void a_rate_is_asked_for_and_its_answer_counted(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 data[32];

  (void)state;
  forget_out(telnet);
  sy_rfc2217_ask(telnet, SY_COM_BAUD_RATE, 691200);
  ASSERT_OUT(telnet, IAC, SB, COM, 1, 0x00, 0x0a, 0x8c, 0x00, IAC, SE);
  assert_int_equal(telnet->unanswered[SY_COM_BAUD_RATE], 1);
  FEED(telnet, data, IAC, SB, COM, 101, 0x00, 0x01, 0xc2, 0x00, IAC, SE);
  assert_int_equal(telnet->unanswered[SY_COM_BAUD_RATE], 0);
  assert_int_equal(telnet->value[SY_COM_BAUD_RATE], 115200);
}

static void a_0xff_in_a_value_is_doubled_both_ways(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 data[32];

  (void)state;
  forget_out(telnet);
  sy_rfc2217_ask(telnet, SY_COM_BAUD_RATE, 0x0000ff01);
  ASSERT_OUT(telnet, IAC, SB, COM, 1, 0, 0, IAC, IAC, 1, IAC, SE);
  assert_int_equal(FEED(telnet, data, IAC, SB, COM, 101, 0, 0, IAC, IAC, 1, IAC, SE, 7), 1);
  assert_int_equal(telnet->value[SY_COM_BAUD_RATE], 0x0000ff01);
}

static void answers_of_a_wrong_length_are_none(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 data[32];

  (void)state;
  sy_rfc2217_ask(telnet, SY_COM_BAUD_RATE, 115200);
  FEED(telnet, data, IAC, SB, COM, 101, 0, 1, 0xc2, IAC, SE);
  FEED(telnet, data, IAC, SB, COM, 101, IAC, SE, IAC, SB, IAC, SE, IAC, SB, COM, IAC, SE);
  FEED(telnet, data, IAC, SB, ECHO, 101, 0, 1, 0xc2, 0, IAC, SE);
  FEED(telnet, data, IAC, SB, COM, 1, 0, 1, 0xc2, 0, IAC, SE); /* a client's number */
  assert_int_equal(telnet->unanswered[SY_COM_BAUD_RATE], 1);
  assert_int_equal(telnet->value[SY_COM_BAUD_RATE], 0);
}

static void states_of_line_and_modem_are_not_data(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 data[32];

  (void)state;
  assert_int_equal(
      FEED(telnet, data, 1, IAC, SB, COM, 106, 96, IAC, SE, IAC, SB, COM, 107, 0xb0, IAC, SE, 2),
      2);
  assert_int_equal(telnet->value[SY_COM_LINE_STATE], 96);
  assert_int_equal(telnet->value[SY_COM_MODEM_STATE], 0xb0);
}

static void a_server_suspends_and_resumes_data(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 data[32];

  (void)state;
  FEED(telnet, data, IAC, SB, COM, 108, IAC, SE);
  assert_true(telnet->suspended);
  FEED(telnet, data, IAC, SB, COM, 109, IAC, SE);
  assert_false(telnet->suspended);
  FEED(telnet, data, IAC, SB, COM, 8, IAC, SE);
  assert_true(telnet->suspended);
}

static void a_subnegotiation_that_never_ends_is_given_up(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 flood[4096], data[4096];

  (void)state;
  memset(flood, 'x', sizeof flood);
  assert_int_equal(FEED(telnet, data, IAC, SB, COM, 101), 0);
  assert_in_range(feed(telnet, flood, sizeof flood, data), sizeof flood - SY_RFC2217_SWALLOW,
                  sizeof flood - SY_RFC2217_SWALLOW + 2);
}

static void a_long_subnegotiation_means_nothing_and_ends_as_any(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 signature[200], data[256];

  (void)state;
  memset(signature, 'x', sizeof signature);
  FEED(telnet, data, IAC, SB, COM, 100);
  assert_int_equal(feed(telnet, signature, sizeof signature, data), 0);
  assert_int_equal(FEED(telnet, data, IAC, SE, 5), 1);
  assert_int_equal(data[0], 5);
}

static void a_command_within_a_subnegotiation_is_taken(void **state)
{
  g_autofree SyRfc2217 *telnet = begin();
  guint8 data[32];

  (void)state;
  assert_int_equal(FEED(telnet, data, IAC, SB, COM, 101, 0, IAC, DO, COM, 9), 1);
  assert_int_equal(sy_rfc2217_get_com_port(telnet), SY_OPTION_ON);
}

#define ASSERT_TELNET(is, ...)                                                                     \
  do {                                                                                             \
    const guint8 bytes[] = {__VA_ARGS__};                                                          \
                                                                                                   \
    assert_int_equal(sy_rfc2217_is_telnet(bytes, sizeof bytes), is);                               \
  } while (0)

static void telnet_is_known_by_the_com_port_or_two_options_and_not_taken_for_noise(void **state)
{
  (void)state;
  ASSERT_TELNET(TRUE, IAC, DO, COM);
  ASSERT_TELNET(TRUE, IAC, WILL, COM, 0xc3);
  ASSERT_TELNET(TRUE, IAC, WILL, SGA, IAC, DONT, ECHO);
  ASSERT_TELNET(FALSE, IAC, DO);
  ASSERT_TELNET(FALSE, IAC, WILL, SGA);
  ASSERT_TELNET(FALSE, IAC, WILL, SGA, IAC, DONT); /* more is to come */
  ASSERT_TELNET(FALSE, IAC, WILL, SGA, 0xc3, WILL, SGA);
  ASSERT_TELNET(FALSE, IAC, IAC, COM, IAC, IAC, COM);
  ASSERT_TELNET(FALSE, 0x00, DO, COM);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_begins_with_binary_both_ways_and_the_com_port_option),
      cmocka_unit_test(a_refused_option_is_known_as_refused),
      cmocka_unit_test(echo_and_unknown_options_are_refused_once),
      cmocka_unit_test(a_server_that_never_stops_negotiating_gets_few_answers),
      cmocka_unit_test(a_doubled_0xff_is_one_byte_of_data),
      cmocka_unit_test(data_are_escaped_byte_by_byte),
      cmocka_unit_test(a_rate_is_asked_for_and_its_answer_counted),
      cmocka_unit_test(a_0xff_in_a_value_is_doubled_both_ways),
      cmocka_unit_test(answers_of_a_wrong_length_are_none),
      cmocka_unit_test(states_of_line_and_modem_are_not_data),
      cmocka_unit_test(a_server_suspends_and_resumes_data),
      cmocka_unit_test(a_subnegotiation_that_never_ends_is_given_up),
      cmocka_unit_test(a_long_subnegotiation_means_nothing_and_ends_as_any),
      cmocka_unit_test(a_command_within_a_subnegotiation_is_taken),
      cmocka_unit_test(telnet_is_known_by_the_com_port_or_two_options_and_not_taken_for_noise),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
