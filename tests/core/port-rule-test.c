/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rule for adapters: whom it helps, and what a person is told then. The computer around it is
 * folders of the test's own. */

#include "sy-trouble.h"
#include "temp-folder.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define RELOAD "sudo udevadm control --reload && sudo udevadm trigger -s tty"
#define RULE   "/usr/share/switchyard/70-switchyard.rules"

typedef struct {
  char *root;
  char *rule; /* as it is shipped */
} Computer;

static int set_up(void **state)
{
  Computer *computer = g_new0(Computer, 1);

  computer->root = temp_folder_new();
  computer->rule = g_strdup(g_getenv("SWITCHYARD_RULE"));
  *state = computer;
  return computer->rule ? 0 : -1;
}

static int tear_down(void **state)
{
  Computer *computer = *state;

  temp_folder_remove(computer->root);
  g_free(computer->rule);
  g_free(computer);
  return 0;
}

static void put(const Computer *computer, const char *relative, const char *text)
{
  g_autofree char *path = g_build_filename(computer->root, relative, NULL);
  g_autofree char *folder = g_path_get_dirname(path);

  assert_int_equal(g_mkdir_with_parents(folder, 0755), 0);
  assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void put_link(const Computer *computer, const char *relative, const char *to)
{
  g_autofree char *path = g_build_filename(computer->root, relative, NULL);
  g_autofree char *folder = g_path_get_dirname(path);

  assert_int_equal(g_mkdir_with_parents(folder, 0755), 0);
  assert_int_equal(symlink(to, path), 0);
}

/* As sysfs has an adapter: the terminal's device is below the interface, that below the IDs. */
static void plug_in(const Computer *computer, const char *vendor, const char *product)
{
  put(computer, "sys/devices/usb1/1-1/idVendor", vendor);
  put(computer, "sys/devices/usb1/1-1/idProduct", product);
  put(computer, "sys/devices/usb1/1-1/1-1:1.0/ttyUSB0/tty/ttyUSB0/dev", "188:0\n");
  put_link(computer, "sys/class/tty/ttyUSB0/device", "../../../devices/usb1/1-1/1-1:1.0/ttyUSB0");
}

static SyPortRule *look(const Computer *computer, const char *device)
{
  const SyPortRulePlaces places = {computer->root, computer->rule};
  SyPortRule *rule = sy_port_rule_look(device, &places);

  assert_non_null(rule);
  return rule;
}

static void adapters_of_the_list_are_covered(void **state)
{
  static const struct {
    const char *vendor, *product;
    gboolean covered;
  } table[] = {
      {"0403\n", "6001\n", TRUE},  {"0403\n", "6048\n", TRUE}, {"10c4\n", "ea60\n", TRUE},
      {"1a86\n", "7523\n", TRUE},  {"067b\n", "23a3\n", TRUE}, {"04d8\n", "00dd\n", TRUE},
      {"0403\n", "6002\n", FALSE}, /* its maker's, but a meter */
      {"10c4\n", "6001\n", FALSE}, /* a product of another maker */
      {"12d1\n", "1001\n", FALSE}, /* a modem */
      {"0403\n", "600\n", FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
    g_autoptr(SyPortRule) rule = NULL;

    tear_down(state);
    assert_int_equal(set_up(state), 0);
    plug_in(*state, table[i].vendor, table[i].product);
    rule = look(*state, "/dev/ttyUSB0");
    assert_int_equal(rule->is_covered, table[i].covered);
  }
}

static void a_port_without_an_adapter_is_not_covered(void **state)
{
  g_autoptr(SyPortRule) unknown = look(*state, "/dev/ttyUSB0");
  g_autoptr(SyPortRule) board = NULL;

  put(*state, "sys/devices/pnp0/00:05/id", "PNP0501\n");
  put_link(*state, "sys/class/tty/ttyS0/device", "../../../devices/pnp0/00:05");
  board = look(*state, "/dev/ttyS0");
  assert_false(unknown->is_covered);
  assert_false(board->is_covered);
}

static void a_name_that_stays_leads_to_the_adapter(void **state)
{
  Computer *computer = *state;
  g_autofree char *name = g_build_filename(computer->root, "by-id", "usb-FTDI_A1", NULL);
  g_autoptr(SyPortRule) rule = NULL;

  plug_in(computer, "0403\n", "6001\n");
  put(computer, "ttyUSB0", "");
  put_link(computer, "by-id/usb-FTDI_A1", "../ttyUSB0");
  rule = look(computer, name);
  assert_true(rule->is_covered);
}

static void udev_has_the_rule_in_any_of_its_folders(void **state)
{
  static const char *const folders[] = {"etc/udev", "usr/lib/udev", "usr/local/lib/udev"};

  for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
    g_autofree char *path = g_build_filename(folders[i], "rules.d/70-switchyard.rules", NULL);
    g_autoptr(SyPortRule) before = NULL;
    g_autoptr(SyPortRule) after = NULL;

    tear_down(state);
    assert_int_equal(set_up(state), 0);
    before = look(*state, "/dev/ttyUSB0");
    put(*state, path, "");
    after = look(*state, "/dev/ttyUSB0");
    assert_false(before->is_installed);
    assert_true(after->is_installed);
  }
}

static void what_did_not_come_along_is_not_offered(void **state)
{
  Computer *computer = *state;
  const SyPortRulePlaces places = {computer->root, "/nonexistent"};

  assert_null(sy_port_rule_look("/dev/ttyUSB0", &places));
}

static void a_name_with_blanks_is_one_word_of_the_command(void **state)
{
  Computer *computer = *state;
  g_autofree char *path = g_build_filename(computer->root, "a b.rules", NULL);
  const SyPortRulePlaces places = {computer->root, path};
  g_autofree char *wanted =
      g_strdup_printf("sudo install -m 644 '%s' /etc/udev/rules.d/ && " RELOAD, path);
  g_autoptr(SyPortRule) rule = NULL;

  put(computer, "a b.rules", "");
  rule = sy_port_rule_look("/dev/ttyUSB0", &places);
  assert_string_equal(rule->command, wanted);
}

static void in_a_sandbox_the_command_is_one_for_outside(void **state)
{
  Computer *computer = *state;
  g_autofree char *wanted =
      g_strdup_printf("flatpak run --command=cat dev.switchyard.Workstation %s | sudo tee "
                      "/etc/udev/rules.d/70-switchyard.rules && " RELOAD,
                      computer->rule);
  g_autoptr(SyPortRule) rule = NULL;

  put(computer, ".flatpak-info", "[Application]\n");
  put(computer, "usr/lib/udev/rules.d/70-switchyard.rules", ""); /* the runtime's, not udev's */
  rule = look(computer, "/dev/ttyUSB0");
  assert_string_equal(rule->command, wanted);
  assert_false(rule->is_installed);
}

static void a_sandbox_without_devices_hides_what_the_kernel_has(void **state)
{
  Computer *computer = *state;
  const char *name = "/dev/serial/by-id/usb-FTDI_nowhere-if00-port0";
  g_autoptr(SyPortAccess) free_to_see = NULL;
  g_autoptr(SyPortAccess) hidden = NULL;
  g_autoptr(SyPortAccess) gone = NULL;
  g_autoptr(SyPortAccess) by_name = NULL;
  g_autoptr(SyPortAccess) seen = NULL;

  plug_in(computer, "0403\n", "6001\n");
  free_to_see = sy_port_access_look("/nonexistent/ttyUSB0", computer->root);
  put(computer, ".flatpak-info", "[Application]\n");
  hidden = sy_port_access_look("/nonexistent/ttyUSB0", computer->root);
  gone = sy_port_access_look("/nonexistent/ttyUSB1", computer->root);
  by_name = sy_port_access_look(name, computer->root);
  put(computer, "dev/ttyUSB0", "");
  seen = sy_port_access_look(name, computer->root);
  assert_false(free_to_see->is_hidden);
  assert_true(hidden->is_hidden);
  assert_false(gone->is_hidden);
  assert_true(by_name->is_hidden);
  assert_false(seen->is_hidden); /* another adapter is there, so it is this one that is not */
}

/* --- what a person is told --- */

static const SyPortAccess outside = {
    .user = (char *)"ann", .group = (char *)"dialout", .group_may = TRUE};
static const SyPortRule helpful = {.is_covered = TRUE,
                                   .command = (char *)"sudo install -m 644 " RULE
                                                      " /etc/udev/rules.d/ && " RELOAD};

static SyTrouble *make(SyTroubleKind kind, const SyPortAccess *access, const SyPortRule *rule)
{
  return sy_trouble_new(kind,
                        &(SyTroubleFacts){.port = "/dev/ttyUSB0", .access = access, .rule = rule});
}

static void the_rule_comes_first_and_the_group_after(void **state)
{
  g_autoptr(SyTrouble) trouble = make(SY_TROUBLE_DENIED, &outside, &helpful);
  g_autofree char *lines = sy_trouble_dup_lines(trouble);

  (void)state;
  assert_string_equal(trouble->command, helpful.command);
  assert_true(g_str_has_suffix(trouble->text, ":"));
  assert_non_null(strstr(trouble->note, "sudo usermod -aG dialout ann"));
  assert_non_null(strstr(lines, trouble->note));
}

static void a_sandbox_is_told_the_rule_and_the_usual_group(void **state)
{
  SyPortAccess access = outside;
  g_autoptr(SyTrouble) trouble = NULL;

  (void)state;
  access.is_confined = TRUE;
  access.group = (char *)"nogroup";
  access.group_may = FALSE;
  trouble = make(SY_TROUBLE_DENIED, &access, &helpful);
  assert_string_equal(trouble->command, helpful.command);
  assert_non_null(strstr(trouble->note, "sudo usermod -aG dialout ann"));
}

static void a_rule_that_would_change_nothing_is_not_recommended(void **state)
{
  SyPortRule installed = helpful;
  SyPortRule other = helpful;
  SyPortAccess remote = outside;

  (void)state;
  installed.is_installed = TRUE;
  other.is_covered = FALSE;
  remote.is_remote = TRUE; /* it serves who sits at the computer */
  const struct {
    const SyPortAccess *access;
    const SyPortRule *rule;
  } table[] = {{&outside, &installed}, {&outside, &other}, {&outside, NULL}, {&remote, &helpful}};

  for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
    g_autoptr(SyTrouble) trouble = make(SY_TROUBLE_DENIED, table[i].access, table[i].rule);

    assert_string_equal(trouble->command, "sudo usermod -aG dialout ann");
  }
}

static void where_no_group_helps_the_rule_does(void **state)
{
  SyPortAccess closed = {.user = (char *)"ann", .group = (char *)"root"};
  g_autoptr(SyTrouble) trouble = make(SY_TROUBLE_DENIED, &closed, &helpful);

  (void)state;
  assert_string_equal(trouble->command, helpful.command);
  assert_null(strstr(trouble->note, "usermod"));
}

static void who_only_has_to_log_in_again_installs_nothing(void **state)
{
  SyPortAccess access = outside;
  g_autoptr(SyTrouble) trouble = NULL;

  (void)state;
  access.is_member = TRUE;
  trouble = make(SY_TROUBLE_DENIED, &access, &helpful);
  assert_null(trouble->command);
}

static void modem_manager_is_kept_away_by_the_rule(void **state)
{
  g_autoptr(SyPortHolders) holders = sy_port_holders_find("/nonexistent", "/nonexistent");
  SyTroubleFacts facts = {.port = "/dev/ttyUSB0", .holders = holders, .rule = &helpful};
  SyPortRule installed = helpful;
  g_autoptr(SyTrouble) trouble = NULL;
  g_autoptr(SyTrouble) known = NULL;

  (void)state;
  holders->hidden = holders->modem_manager = TRUE;
  trouble = sy_trouble_new(SY_TROUBLE_BUSY, &facts);
  assert_int_equal(trouble->kind, SY_TROUBLE_MODEM_MANAGER);
  assert_string_equal(trouble->command, helpful.command);
  assert_non_null(strstr(trouble->note, "sudo systemctl stop ModemManager"));
  installed.is_installed = TRUE;
  facts.rule = &installed;
  known = sy_trouble_new(SY_TROUBLE_BUSY, &facts);
  assert_string_equal(known->command, "sudo systemctl stop ModemManager");
}

static void modem_manager_is_no_suspect_where_the_rule_is(void **state)
{
  g_autoptr(SyPortHolders) holders = sy_port_holders_find("/nonexistent", "/nonexistent");
  SyTroubleFacts facts = {.port = "/dev/ttyUSB0", .holders = holders, .rule = &helpful};
  SyPortRule installed = helpful;
  g_autoptr(SyTrouble) suspect = NULL;
  g_autoptr(SyTrouble) trusted = NULL;

  (void)state;
  holders->modem_manager = TRUE;
  suspect = sy_trouble_new(SY_TROUBLE_WRONG_RATE, &facts);
  installed.is_installed = TRUE;
  facts.rule = &installed;
  trusted = sy_trouble_new(SY_TROUBLE_WRONG_RATE, &facts);
  assert_int_equal(g_strv_length(trusted->checks) + 1, g_strv_length(suspect->checks));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(adapters_of_the_list_are_covered),
      TEST(a_port_without_an_adapter_is_not_covered),
      TEST(a_name_that_stays_leads_to_the_adapter),
      TEST(udev_has_the_rule_in_any_of_its_folders),
      TEST(what_did_not_come_along_is_not_offered),
      TEST(a_name_with_blanks_is_one_word_of_the_command),
      TEST(in_a_sandbox_the_command_is_one_for_outside),
      TEST(a_sandbox_without_devices_hides_what_the_kernel_has),
      cmocka_unit_test(the_rule_comes_first_and_the_group_after),
      cmocka_unit_test(a_sandbox_is_told_the_rule_and_the_usual_group),
      cmocka_unit_test(a_rule_that_would_change_nothing_is_not_recommended),
      cmocka_unit_test(where_no_group_helps_the_rule_does),
      cmocka_unit_test(who_only_has_to_log_in_again_installs_nothing),
      cmocka_unit_test(modem_manager_is_kept_away_by_the_rule),
      cmocka_unit_test(modem_manager_is_no_suspect_where_the_rule_is),
  };

  return cmocka_run_group_tests_name("port rule", tests, NULL, NULL);
}
