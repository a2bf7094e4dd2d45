@echo off
rem Runs the build with a Maven 3.8.6 or later of the 3.x line: one that is cached or installed, else one that is
rem fetched once from Apache's archive. Needs a JDK and nothing else.
setlocal EnableExtensions DisableDelayedExpansion

if defined MAVEN_USER_HOME (set "DISTS=%MAVEN_USER_HOME%\wrapper\dists") else (set "DISTS=%USERPROFILE%\.m2\wrapper\dists")
set "MVN="

for /d %%a in ("%DISTS%\*") do for /d %%b in ("%%~a\*") do (
  call :consider "%%~b"
  for /d %%c in ("%%~b\*") do call :consider "%%~c"
)
if defined MAVEN_HOME call :consider "%MAVEN_HOME%"
if defined M2_HOME call :consider "%M2_HOME%"
for %%m in (mvn.cmd) do if not "%%~$PATH:m"=="" call :consider "%%~dp$PATH:m.."
if defined MVN goto run

set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
for /f "usebackq delims=" %%h in (`call "%JAVA%" "%~dp0.mvn\wrapper\FetchMaven.java" "%DISTS%"`) do set "MVN=%%h\bin\mvn.cmd"
if not defined MVN (
  echo mvnw: no Maven could be found or fetched; it takes a JDK, 17 or later, in JAVA_HOME or on the PATH 1>&2
  exit /b 1
)

:run
call "%MVN%" %*
exit /b %ERRORLEVEL%

rem Takes the Maven home %1 if its core's jar is of a version that this build was tried with.
:consider
if defined MVN exit /b 0
if not exist "%~1\bin\mvn.cmd" exit /b 0
for %%j in ("%~1\lib\maven-core-3.*.jar") do (
  echo %%~nj| findstr /r /c:"^maven-core-3\.8\.[6-9]" /c:"^maven-core-3\.8\.[1-9][0-9]" /c:"^maven-core-3\.9\." /c:"^maven-core-3\.[1-9][0-9]\." >nul && set "MVN=%~1\bin\mvn.cmd"
)
exit /b 0
