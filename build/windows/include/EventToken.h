// WebView2.h includes this header by its name in Microsoft's SDK. MinGW-w64 spells it in lower case, which matters on a
// file system that tells the two apart; on one that does not, this file must not include itself.
#include_next <eventtoken.h>
