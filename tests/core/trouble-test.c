/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What each trouble says, and the facts behind it: groups, programs, what is heard. */

#define _GNU_SOURCE /* posix_openpt and its kin */
#include "sy-hearing.h"
#include "sy-link.h"
#include "sy-session.h"
#include "temp-folder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PORT "/dev/ttyUSB0"

static SyTrouble *make(SyTroubleKind kind, const SyPortAccess *access, const SyPortHolders *holders)
{
  const SyTroubleFacts facts = {
      .port = PORT, .said = "box login", .access = access, .holders = holders};

  return sy_trouble_new(kind, &facts);
}

/* --- permission --- */

static const SyPortAccess outside = {.user = "ann", .group = "dialout", .group_may = TRUE};

static void who_is_not_in_the_group_is_told_the_group_and_the_command(void **state)
{
  g_autoptr(SyTrouble) trouble = make(SY_TROUBLE_DENIED, &outside, NULL);

  (void)state;
  assert_string_equal(trouble->command, "sudo usermod -aG dialout ann");
  assert_non_null(strstr(trouble->text, "you are not in its group, dialout"));
  assert_non_null(strstr(trouble->text, "log out and in again"));
  assert_true(g_str_has_suffix(trouble->text, ":"));
}

static void the_group_is_the_ports_own(void **state)
{
  SyPortAccess access = outside;
  g_autoptr(SyTrouble) trouble = NULL;

  (void)state;
  access.group = (char *)"uucp";
  trouble = make(SY_TROUBLE_DENIED, &access, NULL);
  assert_string_equal(trouble->command, "sudo usermod -aG uucp ann");
  assert_null(strstr(trouble->text, "dialout"));
}

static void who_joined_the_group_in_this_session_is_told_to_log_in_again(void **state)
{
  SyPortAccess access = outside;
  g_autoptr(SyTrouble) trouble = NULL;

  (void)state;
  access.is_member = TRUE;
  trouble = make(SY_TROUBLE_DENIED, &access, NULL);
  assert_null(trouble->command);
  assert_non_null(strstr(trouble->text, "Log out and in again"));
}

static void a_group_that_does_not_help_is_not_recommended(void **state)
{
  SyPortAccess access = outside;
  g_autoptr(SyTrouble) none = NULL;
  g_autoptr(SyTrouble) useless = NULL;

  (void)state;
  access.group_may = FALSE;
  none = make(SY_TROUBLE_DENIED, &access, NULL);
  assert_string_equal(none->command, "sudo chown ann /dev/ttyUSB0");
  access.group_may = access.is_member = access.has_group = TRUE;
  useless = make(SY_TROUBLE_DENIED, &access, NULL);
  assert_string_equal(useless->command, "sudo chown ann /dev/ttyUSB0");
}

static void in_a_sandbox_the_usual_group_is_named(void **state)
{
  SyPortAccess access = outside;
  g_autoptr(SyTrouble) trouble = NULL;

  (void)state;
  access.is_confined = TRUE;
  access.group = (char *)"nogroup"; /* what every group is called in there */
  trouble = make(SY_TROUBLE_DENIED, &access, NULL);
  assert_string_equal(trouble->command, "sudo usermod -aG dialout ann");
  assert_non_null(strstr(trouble->text, "outside of the sandbox"));
}

static void a_port_that_a_sandbox_hides_is_not_called_absent(void **state)
{
  SyPortAccess access = {.user = (char *)"ann", .is_confined = TRUE};
  g_autoptr(SyTrouble) absent = make(SY_TROUBLE_ABSENT, &access, NULL);
  g_autoptr(SyTrouble) hidden = NULL;

  (void)state;
  assert_int_equal(absent->kind, SY_TROUBLE_ABSENT);
  access.is_hidden = TRUE;
  hidden = make(SY_TROUBLE_ABSENT, &access, NULL);
  assert_int_equal(hidden->kind, SY_TROUBLE_DENIED);
  assert_string_equal(hidden->title, "The Sandbox Hides the Port");
  assert_string_equal(hidden->command,
                      "flatpak override --user --device=all dev.switchyard.Workstation");
  assert_non_null(strstr(hidden->text, "plugged in"));
}

static void a_command_takes_any_name_of_a_port(void **state)
{
  SyPortAccess access = outside;
  g_autoptr(SyTrouble) trouble = NULL;

  (void)state;
  access.group_may = FALSE;
  trouble = sy_trouble_new(SY_TROUBLE_DENIED,
                           &(SyTroubleFacts){.port = "pty:/tmp/a b; rm c", .access = &access});
  assert_string_equal(trouble->command, "sudo chown ann '/tmp/a b; rm c'");
}

static void the_devices_own_group_is_looked_up(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = g_build_filename(folder, "device", NULL);
  g_autoptr(SyPortAccess) closed = NULL;
  g_autoptr(SyPortAccess) open_to_group = NULL;

  (void)state;
  assert_true(g_file_set_contents(path, "", 0, NULL));
  assert_int_equal(g_chmod(path, 0600), 0);
  closed = sy_port_access_look(path, "/");
  assert_non_null(closed->group);
  assert_string_equal(closed->user, g_get_user_name());
  assert_false(closed->group_may);
  assert_true(closed->has_group); /* a file that we made */
  assert_int_equal(g_chmod(path, 0660), 0);
  open_to_group = sy_port_access_look(path, "/");
  assert_int_equal(open_to_group->group_may, getegid() != 0); /* root's is not to be joined */
  temp_folder_remove(g_steal_pointer(&folder));
}

/* --- other programs --- */

/* A process that has a terminal open and locked, and does nothing else. */
static pid_t hold(const char *terminal)
{
  int ready[2];
  char byte;
  pid_t child;

  assert_int_equal(pipe(ready), 0);
  child = fork();
  if (child == 0) {
    int fd = open(terminal, O_RDWR | O_NOCTTY);

    /* The master that it has from its parent would make it the far end. */
    for (int other = 3; other < 256; other++)
      if (other != fd && other != ready[1])
        close(other);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || write(ready[1], "", 1) != 1)
      _exit(1);
    for (;;)
      pause();
  }
  close(ready[1]);
  assert_int_equal(read(ready[0], &byte, 1), 1);
  close(ready[0]);
  return child;
}

static void release(pid_t child)
{
  kill(child, SIGKILL);
  assert_int_equal(waitpid(child, NULL, 0), child);
}

static int terminal_open(char name[64])
{
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

  assert_true(master >= 0);
  assert_int_equal(grantpt(master), 0);
  assert_int_equal(unlockpt(master), 0);
  assert_int_equal(ptsname_r(master, name, 64), 0);
  return master;
}

static void the_program_that_holds_a_port_is_named(void **state)
{
  char terminal[64];
  int master = terminal_open(terminal);
  pid_t child = hold(terminal);
  g_autofree char *port = g_strconcat("pty:", terminal, NULL);
  g_autofree char *named = g_strdup_printf("trouble-test (process %d)", (int)child);
  g_autoptr(SyPortHolders) holders = sy_port_holders_find(terminal, "/proc");
  g_autoptr(GError) error = NULL;
  const SyTrouble *trouble;

  (void)state;
  assert_int_equal(holders->found->len, 1);
  assert_int_equal(((SyPortHolder *)g_ptr_array_index(holders->found, 0))->pid, child);
  assert_null(sy_link_open(port, NULL, &error));
  assert_true(g_error_matches(error, SY_LINK_ERROR, SY_LINK_ERROR_BUSY));
  trouble = sy_link_error_get_trouble(error);
  assert_int_equal(trouble->kind, SY_TROUBLE_BUSY);
  assert_string_equal(trouble->title, "Another Program Uses the Port");
  assert_non_null(strstr(trouble->text, named));
  release(child);
  close(master);
}

static void neither_this_process_nor_the_far_end_holds_a_port(void **state)
{
  char terminal[64];
  int master = terminal_open(terminal);
  int slave = open(terminal, O_RDWR | O_NOCTTY);
  g_autoptr(SyPortHolders) holders = sy_port_holders_find(terminal, "/proc");

  (void)state;
  assert_true(slave >= 0);
  assert_int_equal(holders->found->len, 0);
  assert_false(holders->here); /* it has the master, too */
  close(slave);
  close(master);
}

static SyPortHolders *holders_new(guint pid, const char *name)
{
  SyPortHolders *holders = sy_port_holders_find("/nonexistent", "/nonexistent");
  SyPortHolder *holder = g_new0(SyPortHolder, 1);

  if (name) {
    holder->pid = pid;
    holder->name = g_strdup(name);
    g_ptr_array_add(holders->found, holder);
  } else {
    g_free(holder);
  }
  return holders;
}

static void another_switchyard_is_called_that(void **state)
{
  g_autoptr(SyPortHolders) holders = holders_new(4711, "switchyard-cli");
  g_autoptr(SyTrouble) trouble = make(SY_TROUBLE_BUSY, NULL, holders);

  (void)state;
  assert_string_equal(trouble->title, "Another Switchyard Uses the Port");
  assert_non_null(strstr(trouble->text, "switchyard-cli (process 4711)"));
}

static void a_program_that_cannot_be_seen_is_found_by_a_command(void **state)
{
  g_autoptr(SyPortHolders) holders = holders_new(0, NULL);
  g_autoptr(SyTrouble) trouble = NULL;

  (void)state;
  holders->hidden = TRUE;
  trouble = make(SY_TROUBLE_BUSY, NULL, holders);
  assert_int_equal(trouble->kind, SY_TROUBLE_BUSY);
  assert_string_equal(trouble->command, "sudo fuser -v /dev/ttyUSB0");
}

static void modem_manager_is_said_when_seen_and_thought_of_when_hidden(void **state)
{
  g_autoptr(SyPortHolders) seen = holders_new(812, "ModemManager");
  g_autoptr(SyPortHolders) hidden = holders_new(0, NULL);
  g_autoptr(SyTrouble) sure = make(SY_TROUBLE_BUSY, NULL, seen);
  g_autoptr(SyTrouble) likely = NULL;
  g_autoptr(SyTrouble) elsewhere = NULL;

  (void)state;
  assert_int_equal(sure->kind, SY_TROUBLE_MODEM_MANAGER);
  assert_string_equal(sure->command, "sudo systemctl stop ModemManager");
  hidden->hidden = hidden->modem_manager = TRUE;
  likely = make(SY_TROUBLE_BUSY, NULL, hidden);
  assert_int_equal(likely->kind, SY_TROUBLE_MODEM_MANAGER);
  assert_non_null(strstr(likely->text, "perhaps"));
  elsewhere =
      sy_trouble_new(SY_TROUBLE_BUSY, &(SyTroubleFacts){.port = "/dev/ttyS0", .holders = hidden});
  assert_int_equal(elsewhere->kind, SY_TROUBLE_BUSY); /* it leaves those alone */
}

static void modem_manager_is_thought_of_when_an_adapter_is_not_understood(void **state)
{
  g_autoptr(SyPortHolders) holders = holders_new(0, NULL);
  g_autoptr(SyTrouble) trouble = NULL;
  g_autoptr(SyTrouble) elsewhere = NULL;
  g_autofree char *text = NULL;

  (void)state;
  holders->modem_manager = TRUE;
  trouble = make(SY_TROUBLE_WRONG_RATE, NULL, holders);
  text = sy_trouble_dup_sentence(trouble);
  assert_non_null(strstr(text, "sudo systemctl stop ModemManager"));
  elsewhere = sy_trouble_new(SY_TROUBLE_WRONG_RATE,
                             &(SyTroubleFacts){.port = "/dev/ttyS0", .holders = holders});
  assert_int_equal(g_strv_length(elsewhere->checks) + 1, g_strv_length(trouble->checks));
}

static void modem_manager_is_found_among_the_processes(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *process = g_build_filename(folder, "812", "fd", NULL);
  g_autofree char *comm = g_build_filename(folder, "812", "comm", NULL);
  g_autofree char *fd = g_build_filename(process, "9", NULL);
  char terminal[64];
  int master = terminal_open(terminal);
  g_autoptr(SyPortHolders) idle = NULL;
  g_autoptr(SyPortHolders) busy = NULL;

  (void)state;
  assert_int_equal(g_mkdir_with_parents(process, 0755), 0);
  assert_true(g_file_set_contents(comm, "ModemManager\n", -1, NULL));
  idle = sy_port_holders_find(terminal, folder);
  assert_true(idle->modem_manager);
  assert_int_equal(idle->found->len, 0);
  assert_int_equal(symlink(terminal, fd), 0);
  busy = sy_port_holders_find(terminal, folder);
  assert_int_equal(busy->found->len, 1);
  assert_true(sy_port_holder_is_modem_manager(g_ptr_array_index(busy->found, 0)));
  close(master);
  temp_folder_remove(g_steal_pointer(&folder));
}

static void a_program_that_shares_the_port_takes_what_it_says(void **state)
{
  static const SyTroubleKind kinds[] = {SY_TROUBLE_SILENT, SY_TROUBLE_WRONG_RATE,
                                        SY_TROUBLE_NOT_HEARD};
  g_autoptr(SyPortHolders) holders = holders_new(4711, "cat");

  (void)state;
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
    g_autoptr(SyTrouble) trouble = make(kinds[i], NULL, holders);

    assert_int_equal(trouble->kind, SY_TROUBLE_BUSY);
    assert_non_null(strstr(trouble->text, "cat (process 4711)"));
  }
}

/* --- each kind --- */

static void each_kind_has_a_title_a_text_and_a_next_step(void **state)
{
  /* What to do is in the words, the checks or the command. */
  static const struct {
    SyTroubleKind kind;
    const char *key, *says;
  } table[] = {
      {SY_TROUBLE_OTHER, "other", "box login"},
      {SY_TROUBLE_ABSENT, "absent", "Plug the adapter in"},
      {SY_TROUBLE_GONE, "gone", "Plug it in again"},
      {SY_TROUBLE_DENIED, "denied", "sudo usermod -aG dialout ann"},
      {SY_TROUBLE_BUSY, "busy", "picocom (process 4711)"},
      {SY_TROUBLE_SILENT, "silent", "P0.14"},
      {SY_TROUBLE_NOT_HEARD, "not-heard", "TXD"},
      {SY_TROUBLE_ECHO, "echo", "loop-back"},
      {SY_TROUBLE_WRONG_RATE, "wrong-rate", "115,200 baud"},
      {SY_TROUBLE_NOT_A_SUBSTATION, "not-a-substation", "“box login”"},
  };
  g_autoptr(SyPortHolders) holder = holders_new(4711, "picocom");

  (void)state;
  for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
    gboolean busy = table[i].kind == SY_TROUBLE_BUSY;
    g_autoptr(SyTrouble) trouble = make(table[i].kind, &outside, busy ? holder : NULL);
    g_autofree char *sentence = sy_trouble_dup_sentence(trouble);
    g_autofree char *lines = sy_trouble_dup_lines(trouble);

    assert_int_equal(trouble->kind, table[i].kind);
    assert_string_equal(sy_trouble_kind_to_key(trouble->kind), table[i].key);
    assert_true(strlen(trouble->title) > 8);
    assert_non_null(strstr(sentence, table[i].says));
    assert_non_null(strstr(lines, table[i].says));
    assert_null(strchr(sentence, '\n'));
    assert_int_equal(g_str_has_suffix(trouble->text, ":"), trouble->command != NULL);
  }
}

/* --- what is heard --- */

static SyHearing hear(const void *bytes, gsize length)
{
  SyHearing hearing = {.bytes = (guint32)length};

  memcpy(hearing.sample, bytes, MIN(length, sizeof hearing.sample));
  return hearing;
}

static SyTroubleKind judge(const char *text)
{
  SyHearing hearing = hear(text, strlen(text));

  return sy_hearing_judge(&hearing);
}

static void what_is_heard_is_told_apart(void **state)
{
  SyHearing frames = hear("\xa5\x5a rest", 6);
  SyHearing echo = frames;

  (void)state;
  frames.frames = 3;
  echo.frames = echo.echoes = 7;
  assert_int_equal(judge(""), SY_TROUBLE_SILENT);
  assert_int_equal(judge("\xff"), SY_TROUBLE_SILENT); /* a plug that bounces */
  assert_int_equal(judge("login: "), SY_TROUBLE_NOT_A_SUBSTATION);
  assert_int_equal(judge("\r\n\x1b[1mroot@box:~#\x1b[0m "), SY_TROUBLE_NOT_A_SUBSTATION);
  assert_int_equal(judge("$GPGGA,123519,4807.038,N,01131.000,E,1,08\r\n"),
                   SY_TROUBLE_NOT_A_SUBSTATION);
  assert_int_equal(judge("登录：请输入用户名"), SY_TROUBLE_NOT_A_SUBSTATION);
  assert_int_equal(judge("\xf0\x80\xfe\xe0\x01\x82\xff\x90"), SY_TROUBLE_WRONG_RATE);
  assert_int_equal(judge("ab\x01"), SY_TROUBLE_WRONG_RATE);
  assert_int_equal(sy_hearing_judge(&frames), SY_TROUBLE_NOT_HEARD);
  assert_int_equal(sy_hearing_judge(&echo), SY_TROUBLE_ECHO);
}

/* What a session that asked who is there notes of it. */
static void feed(SySession *session, const void *bytes, gsize length)
{
  assert_int_equal(sy_session_feed(session, bytes, length, 1000), length);
}

static void a_session_notes_what_arrives_while_nobody_answers(void **state)
{
  g_autofree SySession *session = g_new0(SySession, 1);
  const SyHearing *hearing = &session->result.hearing;
  WireFrame frame = {.type = WIRE_IDENTIFY, .token = 7, .seq = 1, .payload = NULL};
  guint8 bytes[WIRE_FRAME_MAX];

  (void)state;
  sy_session_init(session, 7);
  sy_session_start_identify(session, 0);
  feed(session, "login: ", 7);
  assert_int_equal(hearing->bytes, 7);
  assert_memory_equal(hearing->sample, "login: ", 7);
  for (guint n = 0; n < 20; n++)
    feed(session, "login: ", 7);
  assert_int_equal(hearing->bytes, 147);
  assert_memory_equal(hearing->sample + 56, "login: l", 8);
  assert_int_equal(hearing->frames, 0);
  feed(session, bytes, wire_frame_write(&frame, bytes));
  assert_int_equal(hearing->frames, 1);
  assert_int_equal(hearing->echoes, 1);
  frame.type = WIRE_ANNOUNCE;
  feed(session, bytes, wire_frame_write(&frame, bytes));
  assert_int_equal(hearing->frames, 2);
  assert_int_equal(hearing->echoes, 1);
}

static void bytes_by_chance_are_no_letters(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(1);

  (void)state;
  for (guint n = 0; n < 10000; n++) {
    guint8 bytes[SY_HEARING_SAMPLE];
    SyHearing hearing;

    for (guint i = 0; i < sizeof bytes; i++)
      bytes[i] = (guint8)g_rand_int_range(random, 0, 256);
    hearing = hear(bytes, sizeof bytes);
    assert_int_equal(sy_hearing_judge(&hearing), SY_TROUBLE_WRONG_RATE);
  }
}

static void a_quote_is_short_and_printable(void **state)
{
  SyHearing long_text =
      hear("\r\n\r\nDebian  GNU/Linux\t12 \x1b[1mbox\x07 ttyS0 and so on, and on, and on", 64);
  SyHearing cut = hear("请输入用户名请输入用户名请输入用户名请输入用户名请", 64);
  g_autofree char *quote = sy_hearing_dup_quote(&long_text);
  g_autofree char *letters = sy_hearing_dup_quote(&cut);

  (void)state;
  assert_string_equal(quote, "Debian GNU/Linux 12 [1mbox ttyS0 and so");
  assert_true(g_utf8_validate(letters, -1, NULL));
  assert_int_equal(g_utf8_strlen(letters, -1), 21);
  assert_int_equal(sy_hearing_judge(&cut), SY_TROUBLE_NOT_A_SUBSTATION);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(who_is_not_in_the_group_is_told_the_group_and_the_command),
      cmocka_unit_test(the_group_is_the_ports_own),
      cmocka_unit_test(who_joined_the_group_in_this_session_is_told_to_log_in_again),
      cmocka_unit_test(a_group_that_does_not_help_is_not_recommended),
      cmocka_unit_test(in_a_sandbox_the_usual_group_is_named),
      cmocka_unit_test(a_port_that_a_sandbox_hides_is_not_called_absent),
      cmocka_unit_test(a_command_takes_any_name_of_a_port),
      cmocka_unit_test(the_devices_own_group_is_looked_up),
      cmocka_unit_test(the_program_that_holds_a_port_is_named),
      cmocka_unit_test(neither_this_process_nor_the_far_end_holds_a_port),
      cmocka_unit_test(another_switchyard_is_called_that),
      cmocka_unit_test(a_program_that_cannot_be_seen_is_found_by_a_command),
      cmocka_unit_test(modem_manager_is_said_when_seen_and_thought_of_when_hidden),
      cmocka_unit_test(modem_manager_is_thought_of_when_an_adapter_is_not_understood),
      cmocka_unit_test(modem_manager_is_found_among_the_processes),
      cmocka_unit_test(a_program_that_shares_the_port_takes_what_it_says),
      cmocka_unit_test(each_kind_has_a_title_a_text_and_a_next_step),
      cmocka_unit_test(what_is_heard_is_told_apart),
      cmocka_unit_test(a_session_notes_what_arrives_while_nobody_answers),
      cmocka_unit_test(bytes_by_chance_are_no_letters),
      cmocka_unit_test(a_quote_is_short_and_printable),
  };

  return cmocka_run_group_tests_name("trouble", tests, NULL, NULL);
}
