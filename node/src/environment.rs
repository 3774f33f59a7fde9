//! Options from the environment. An empty variable counts as missing, spaces around a value are
//! ignored, quotes around a value are refused, and an error names the variable of a wrong value.

use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error, Parser};

/// Parses the command line and the environment.
///
/// # Errors
///
/// If they are invalid, or help is requested.
pub fn parse<T: Parser>() -> Result<T, Error> {
    let arguments: Vec<_> = std::env::args_os().collect();
    // Used if no variable has to be ignored.
    let mut whole = T::command();
    whole.build();
    if let Some(sentence) = quoted(&whole, &arguments) {
        return Err(Error::raw(ErrorKind::ValueValidation, format!("{sentence}\n")));
    }
    let mut command = tidied(T::command());
    let given = command.try_get_matches_from_mut(&arguments);
    let parsed = given.and_then(|mut matches| T::from_arg_matches_mut(&mut matches));
    parsed.map_err(|error| naming_variables(error.format(&mut command), &whole, &arguments))
}

/// The error for a value with quotes around it. A shell removes them. Compose keeps those in a list
/// such as `- LEASE="5s"`, and so do environment files.
pub fn quotes(variable: &str, value: &str) -> Option<String> {
    let inside = ['"', '\''].into_iter().find_map(|quote| {
        value.trim().strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote))
    });
    inside.map(|_| {
        format!(
            "the value of the variable {variable} of the environment has quotes around it; expected \
             it without them"
        )
    })
}

fn quoted(command: &Command, arguments: &[OsString]) -> Option<String> {
    let asked = asked(command, arguments)?;
    asked.get_arguments().filter(|arg| !is_on_the_line(arg, arguments)).find_map(|arg| {
        let variable = arg.get_env()?.to_str()?;
        quotes(variable, std::env::var_os(variable)?.to_str()?)
    })
}

/// Compose passes an undefined variable as an empty one.
fn tidied(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let command = command.mut_args(|arg| {
        let value = arg.get_env().and_then(std::env::var_os);
        let Some(text) = value.as_deref().and_then(OsStr::to_str) else { return arg };
        match text.trim() {
            "" => arg.env(Resettable::Reset),
            trimmed if trimmed.len() == text.len() => arg,
            // It lives as long as the process, like the command line.
            trimmed => arg
                .env(Resettable::Reset)
                .required(false)
                .default_value(&*trimmed.to_owned().leak()),
        }
    });
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, tidied))
}

/// The subcommand on the command line.
fn asked<'a>(command: &'a Command, arguments: &[OsString]) -> Option<&'a Command> {
    arguments.get(1).and_then(|name| command.find_subcommand(name))
}

fn is_on_the_line(arg: &Arg, arguments: &[OsString]) -> bool {
    let option = arg.get_long().map(|long| format!("--{long}"));
    arguments
        .iter()
        .filter_map(|given| given.to_str())
        .any(|given| option.as_ref().is_some_and(|option| given.split('=').next() == Some(option)))
}

/// Adds the names of the variables to an error.
fn naming_variables(error: Error, command: &Command, arguments: &[OsString]) -> Error {
    let about: Vec<String> = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(arg)) => vec![arg.clone()],
        Some(ContextValue::Strings(args)) => args.clone(),
        Some(_) | None => return error,
    };
    let missing = match error.kind() {
        ErrorKind::MissingRequiredArgument => true,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => false,
        _ => return error,
    };
    let Some(command) = asked(command, arguments) else { return error };
    let args = command.get_arguments().filter(|arg| about.contains(&arg.to_string()));
    let variables: Vec<&str> = args
        .filter(|arg| missing || !is_on_the_line(arg, arguments))
        .filter_map(|arg| arg.get_env()?.to_str())
        .collect();
    if variables.is_empty() {
        return error;
    }
    let variables = variables.join(", ");
    let told = if missing {
        format!("The environment can give them as {variables}.")
    } else {
        format!("The value came from the variable {variables} of the environment.")
    };
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    Error::raw(error.kind(), format!("{}\n\n{told}\n", text.trim_end()))
}
