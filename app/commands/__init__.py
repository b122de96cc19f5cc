"""The subcommands of `yangguang`: a module each, of its name, with `add(commands)` and `main(arguments)`."""
