/* SPDX-License-Identifier: BSD-3-Clause */
/* What every command and every type must declare. */
#include "contracts/contract.h"

#include "keyspace/value.h"

static struct contract c;
static void setup(void) { contract_init(&c, 1); }
static void teardown(void) { contract_deinit(&c); }
TestSuite(contract_declaration, .init = setup, .fini = teardown);

static bool is_text(const char *text) { return text != NULL && text[0] != '\0'; }

static void check_args(const struct command_entry *entry, const struct arg *args, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct arg *arg = &args[i];
        const char *command = entry->full_name;
        cr_expect(is_text(arg->name), "%s: argument %zu has no name", command, i);
        bool nested = arg->kind == ARG_ONEOF || arg->kind == ARG_BLOCK;
        cr_expect(nested == (arg->arg_count > 0), "%s: %s", command, arg->name);
        cr_expect(arg->kind != ARG_TOKEN || arg->token != NULL, "%s: %s", command, arg->name);
        cr_expect((arg->flags & ARG_MULTIPLE_TOKEN) == 0 || is_text(arg->token), "%s: %s", command,
                  arg->name);
        check_args(entry, arg->args, arg->arg_count);
    }
}

Test(contract_declaration, every_command_says_what_it_is) {
    const struct registry *registry = c.server.server.registry;
    for (size_t i = 0; i < registry_entry_count(registry); i++) {
        const struct command_entry *entry = registry_entry_by_id(registry, i);
        const struct command *command = entry->command;
        const char *name = entry->full_name;
        cr_expect(is_text(command->summary), "%s: no summary", name);
        if (is_text(command->summary))
            cr_expect_eq(command->summary[strlen(command->summary) - 1], '.',
                         "%s: a summary is a sentence", name);
        cr_expect(is_text(command->since), "%s: since when", name);
        cr_expect(command->access >= READS && command->access <= TOUCHES_NO_KEYS, "%s: access",
                  name);
        cr_expect(command->handler != NULL || command->subcommand_count > 0, "%s: nothing runs it",
                  name);
        if (command->handler != NULL) {
            cr_expect(is_text(command->complexity), "%s: no complexity", name);
            cr_expect(is_text(command->reply), "%s: no reply", name);
        }
        bool deprecated = (command->flags & COMMAND_DEPRECATED) != 0;
        cr_expect_eq(deprecated, is_text(command->deprecated_since), "%s: deprecated or not", name);
        check_args(entry, command->args, command->arg_count);
    }
}

Test(contract_declaration, every_command_with_keys_has_an_example_that_is_one) {
    CONTRACT_EACH(&c, entry) {
        struct contract_example example;
        if (!contract_example(entry, &example)) {
            cr_expect(!registry_has_keys(entry), "%s: no example", entry->full_name);
            continue;
        }
        const struct command_entry *meant = registry_resolve(c.server.server.registry, example.argv,
                                                             example.argc, NULL);
        cr_expect_eq(meant, entry, "%s: the example is of another command", entry->full_name);
        cr_expect(registry_arity_fits(entry, example.argc), "%s: %s", entry->full_name,
                  entry->command->example);
        struct key_position keys[CONTRACT_WORDS_MAX];
        int count = registry_keys(entry, example.argv, example.argc, keys, CONTRACT_WORDS_MAX);
        cr_expect(count >= registry_has_keys(entry), "%s: no key in %s", entry->full_name,
                  entry->command->example);
    }
}

static bool lacks_what_others_make(const char *reply) {
    static const char *const errors[] = {
        "-ERR The specified key does not exist\r\n", "-NOGROUP ",
        "-ERR The XGROUP subcommand requires the key to exist.",
        "-WRONGTYPE ", /* it was a string that had to be there */
    };
    for (size_t i = 0; i < COUNT_OF(errors); i++)
        if (strncmp(reply, errors[i], strlen(errors[i])) == 0) return true;
    return false;
}

/* Each begins with nothing, so that none leans on what another left. What works on a key that must
 * be there (RENAME) may say that it is not, and then works when it is: a string, or what the other
 * examples make (PFDEBUG, XACK). */
Test(contract_declaration, every_example_runs_on_an_empty_server) {
    CONTRACT_EACH(&c, entry) {
        struct contract_example example;
        if (!contract_example(entry, &example)) continue;
        server_harness_clear(&c.server);
        const char *reply = server_harness_run_argv(&c.server, example.argv, example.argc);
        if (strcmp(reply, "-ERR no such key\r\n") == 0) {
            struct key_position keys[CONTRACT_WORDS_MAX];
            int count = registry_keys(entry, example.argv, example.argc, keys, CONTRACT_WORDS_MAX);
            cr_assert_gt(count, 0);
            const struct bytes set[] = {BYTES("SET"), example.argv[keys[0].index], BYTES("value")};
            server_harness_run_argv(&c.server, set, 3);
            reply = server_harness_run_argv(&c.server, example.argv, example.argc);
        }
        if (lacks_what_others_make(reply)) {
            server_harness_clear(&c.server);
            contract_run_examples(&c);
            reply = server_harness_run_argv(&c.server, example.argv, example.argc);
        }
        cr_expect(c.server.reply_len > 0 && reply[0] != '-', "%s gave %s", entry->command->example,
                  reply);
    }
}

Test(contract_declaration, every_command_is_in_the_acl_categories_of_its_kind) {
    const struct registry *registry = c.server.server.registry;
    int fast = registry_category_bit(registry, BYTES("fast"));
    int slow = registry_category_bit(registry, BYTES("slow"));
    int reads = registry_category_bit(registry, BYTES("read"));
    int writes = registry_category_bit(registry, BYTES("write"));
    int dangerous = registry_category_bit(registry, BYTES("dangerous"));
    int admin = registry_category_bit(registry, BYTES("admin"));
    cr_assert(fast >= 0 && slow >= 0 && reads >= 0 && writes >= 0 && dangerous >= 0 && admin >= 0);
    CONTRACT_EACH(&c, entry) {
        uint64_t categories = entry->categories;
        const char *name = entry->full_name;
        cr_expect_neq(categories >> fast & 1, categories >> slow & 1, "%s: fast or slow", name);
        cr_expect(!entry->writes || (categories >> writes & 1) != 0, "%s: @write", name);
        cr_expect(!entry->reads || (categories >> reads & 1) != 0, "%s: @read", name);
        bool is_admin = (entry->flags & COMMAND_ADMIN) != 0;
        cr_expect(!is_admin || (categories >> admin & categories >> dangerous & 1) != 0,
                  "%s: @admin @dangerous", name);
    }
}

static bool is_tag_letter(char letter) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return letter != '\0' && strchr(letters, letter) != NULL;
}

Test(contract_declaration, every_type_can_be_kept_and_told_from_all_others) {
    const struct keyspace *keyspace = &c.server.server.executor.keyspace;
    for (uint8_t i = 0; i < keyspace->type_count; i++) {
        const struct value_type *type = keyspace->types[i];
        bool module = type->rdb_type == VALUE_RDB_MODULE;
        cr_expect(type->save != NULL && type->load != NULL && type->digest != NULL &&
                      type->encoding != NULL,
                  "%s", type->name);
        cr_expect((type->destroy == NULL) == (type->copy == NULL) &&
                      (type->destroy == NULL) == (type->bytes == NULL),
                  "%s: a boxed value is destroyed, copied and measured", type->name);
        cr_expect(event_class_of_letter(type->event_class) != 0, "%s", type->name);
        cr_expect(!module || strlen(type->disk_tag) == 9, "%s", type->name);
        for (size_t j = 0; module && j < 9; j++)
            cr_expect(is_tag_letter(type->disk_tag[j]), "%s: %s", type->name, type->disk_tag);
        cr_expect(type->disk_version <= 1023, "%s", type->name);
        for (uint8_t j = 0; j < i; j++) {
            const struct value_type *other = keyspace->types[j];
            cr_expect_str_neq(type->name, other->name);
            if (module && other->rdb_type == VALUE_RDB_MODULE)
                cr_expect_str_neq(type->disk_tag, other->disk_tag);
            else cr_expect_neq(type->rdb_type, other->rdb_type, "%s, %s", type->name, other->name);
        }
    }
}
