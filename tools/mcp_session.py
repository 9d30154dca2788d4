#!/usr/bin/env python3
"""Talk to `reasmory serve --stdio` with the Model Context Protocol's own Python client, as an agent would.

    pip install mcp
    python3 tools/mcp_session.py reasmory serve --stdio --scene room.mem < calls.json

`calls.json` is a list of `[tool, arguments]`. Prints the session: the server, its tools, and for every call the text,
the size of each picture and whether it failed. Exit code 3: the package is absent. Written for mcp 2.3.0; runs with 1.x.
"""

import asyncio
import base64
import json
import struct
import sys


def field(thing, new, old):
    """A field, by its name in version 2 of the package or in version 1."""
    return getattr(thing, new) if hasattr(thing, new) else getattr(thing, old)


async def session(command, calls):
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    server = StdioServerParameters(command=command[0], args=command[1:])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as client:
        hello = await client.initialize()
        info = field(hello, "server_info", "serverInfo")
        version = field(hello, "protocol_version", "protocolVersion")
        print(f"server {info.name}, protocol {version}")
        tools = await client.list_tools()
        for t in tools.tools:
            schema = field(t, "input_schema", "inputSchema")
            print(f"tool {t.name}({', '.join(schema.get('properties') or {})})")
        for name, arguments in calls:
            print(f"\n> {name} {json.dumps(arguments)}")
            try:
                result = await client.call_tool(name, arguments)
            except Exception as error:  # An error of the protocol is an answer, too.
                print(f"error: {error}")
                continue
            for block in result.content:
                if block.type == "text":
                    print(block.text.rstrip("\n"))
                else:
                    png = base64.b64decode(block.data)
                    width, height = struct.unpack(">II", png[16:24])
                    print(f"{field(block, 'mime_type', 'mimeType')}, {width} × {height}")
            if field(result, "is_error", "isError"):
                print("(failed)")


def main():
    try:
        import mcp  # noqa: F401
    except ImportError as error:
        print(error, file=sys.stderr)
        return 3
    calls = json.load(sys.stdin)
    asyncio.run(session(sys.argv[1:], calls))
    return 0


if __name__ == "__main__":
    sys.exit(main())
