from equipoise.cli import program

program()
