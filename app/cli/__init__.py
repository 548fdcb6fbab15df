"""The command line: one module per verb, each with `NAME`, `HELP`, `arguments(parser)` and `run(args, console)`."""
