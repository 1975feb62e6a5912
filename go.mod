module github.com/sluice-run/sluice

go 1.26.0

toolchain go1.26.8
