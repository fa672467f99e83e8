namespace Postrider.Smtp.Replies;

/// <summary>
/// Every reply that the server gives of itself, with its enhanced status code (RFC 5321 §4.2.2,
/// RFC 3463). The text of no reply stands anywhere else. Greeting, 354 and the answers to HELO and
/// EHLO carry no enhanced code (RFC 2034 §4). In this file the replies of the protocol; beside it those
/// of policy and of connections.
/// </summary>
public static partial class ReplyCatalogue
{
    /// <summary>The greeting; open: the server's name.</summary>
    public static ReplyTemplate Greeting { get; } = new(220, default, "{0} ESMTP Postrider");

    /// <summary>The answer to HELO; open: the server's name.</summary>
    public static ReplyTemplate Hello { get; } = new(250, default, "{0}");

    /// <summary>The answer to EHLO (RFC 5321 §4.1.1.1): the server's name, and a line for each extension.</summary>
    public static Reply Extensions(IReadOnlyList<string> lines) => new(250, default, lines);

    /// <summary>QUIT; open: the server's name.</summary>
    public static ReplyTemplate Closing { get; } = new(221, new(2, 0, 0), "{0} closing connection");

    /// <summary>The server goes down (RFC 5321 §3.8); open: its name.</summary>
    public static ReplyTemplate ShuttingDown { get; } = new(421, new(4, 3, 2), "{0} is shutting down, try again later");

    /// <summary>A time limit has run out (RFC 5321 §4.5.3.2.7); open: the server's name.</summary>
    public static ReplyTemplate TimedOut { get; } = new(421, new(4, 4, 2), "{0} waited too long for input, closing connection");

    /// <summary>The peer made too many mistakes; open: the server's name.</summary>
    public static ReplyTemplate TooManyErrors { get; } = new(421, new(4, 7, 0), "{0} has seen too many errors, closing connection");

    /// <summary>The peer keeps talking and sends no mail; open: the server's name.</summary>
    public static ReplyTemplate TooManyIdleCommands { get; } = new(421, new(4, 7, 0), "{0} has seen too many commands without mail, closing connection");

    /// <summary>The peer tries one recipient after the other; open: the server's name.</summary>
    public static ReplyTemplate TooManyRefusedRecipients { get; } = new(421, new(4, 7, 0), "{0} has refused too many recipients, closing connection");

    /// <summary>RSET.</summary>
    public static Reply Reset { get; } = new(250, new(2, 0, 0), "Transaction forgotten");

    /// <summary>NOOP.</summary>
    public static Reply NoOperation { get; } = new(250, new(2, 0, 0), "OK");

    /// <summary>MAIL.</summary>
    public static Reply SenderAccepted { get; } = new(250, new(2, 1, 0), "Sender OK");

    /// <summary>RCPT.</summary>
    public static Reply RecipientAccepted { get; } = new(250, new(2, 1, 5), "Recipient OK");

    /// <summary>DATA: the content may come.</summary>
    public static Reply StartMailInput { get; } = new(354, default, "Start mail input, end with <CRLF>.<CRLF>");

    /// <summary>The message is accepted, where policy gave no reply of its own.</summary>
    public static Reply MessageAccepted { get; } = new(250, new(2, 0, 0), "Message accepted");

    /// <summary>VRFY, where policy says nothing (RFC 5321 §3.5.3).</summary>
    public static Reply CannotVerify { get; } = new(252, new(2, 5, 0), "Cannot verify; send the mail and delivery will be attempted");

    /// <summary>VRFY: the mailbox is here (RFC 5321 §3.5.1); open: full name and mailbox, or the mailbox in brackets.</summary>
    public static ReplyTemplate Verified { get; } = new(250, new(2, 1, 5), "{0}");

    /// <summary>VRFY or EXPN, where the answer takes UTF-8 that the client has not asked for (RFC 6531 §3.7.4.2).</summary>
    public static Reply AnswerNotAscii { get; } = new(252, new(2, 6, 8), "The answer is not ASCII: that takes the parameter SMTPUTF8");

    /// <summary>VRFY, where a name means several users and not all can be shown (RFC 5321 §3.5.1).</summary>
    public static Reply Ambiguous { get; } = new(553, new(5, 1, 4), "The name is ambiguous: more than one user goes by it");

    /// <summary>VRFY, where a name means several users; the first line of several (RFC 5321 §3.5.1).</summary>
    public static string AmbiguousHeading { get; } = "Ambiguous; possibilities are";

    /// <summary>EXPN on what is no list, alias or forward (RFC 5321 §3.5.1).</summary>
    public static Reply NotAList { get; } = new(550, new(5, 1, 1), "That is a user name, not a mailing list");

    /// <summary>EXPN on what is nothing here.</summary>
    public static Reply NoSuchList { get; } = new(550, new(5, 1, 1), "No such list here");

    /// <summary>EXPN, where nothing is told to this client (RFC 5321 §7.3).</summary>
    public static Reply CannotExpand { get; } = new(252, new(2, 5, 0), "Cannot expand; send the mail and delivery will be attempted");

    /// <summary>EXPN on a list of more members than a reply holds.</summary>
    public static Reply TooLongToExpand { get; } = new(252, new(2, 5, 0), "Cannot expand: the list has too many members to show");

    /// <summary>EXPN without a name.</summary>
    public static Reply ExpandNeedsName { get; } = new(501, new(5, 5, 4), "EXPN needs the name of a list");

    /// <summary>Nobody of that name is here.</summary>
    public static Reply NoSuchUser { get; } = new(550, new(5, 1, 1), "No such user here");

    /// <summary>The mailbox takes no mail for now.</summary>
    public static Reply MailboxLocked { get; } = new(450, new(4, 2, 1), "The mailbox is locked, try again later");

    /// <summary>RCPT after SEND: the user has no terminal open that takes messages (RFC 821 §3.4).</summary>
    public static Reply NoTerminal { get; } = new(450, new(4, 2, 1), "The user has no terminal open that takes messages");

    /// <summary>The mailbox takes no mail.</summary>
    public static Reply MailboxDisabled { get; } = new(550, new(5, 2, 1), "The mailbox is disabled");

    /// <summary>The mailbox holds as much as it may, and its user may yet make room (RFC 3463 §3.3).</summary>
    public static Reply MailboxFull { get; } = new(452, new(4, 2, 2), "The mailbox is full, try again later");

    /// <summary>The mailbox holds as much as it may, and this server is set not to wait.</summary>
    public static Reply MailboxFullForGood { get; } = new(552, new(5, 2, 2), "The mailbox is full");

    /// <summary>The message is larger than all that the mailbox may hold.</summary>
    public static Reply LargerThanMailbox { get; } = new(552, new(5, 2, 3), "The message is larger than the mailbox may hold");

    /// <summary>The user has moved and mail is passed on (RFC 5321 §3.4); open: the new address.</summary>
    public static ReplyTemplate WillForward { get; } = new(251, new(2, 1, 5), "User not local; will forward to <{0}>");

    /// <summary>The user has moved and mail is not passed on (RFC 5321 §3.4); open: the new address.</summary>
    public static ReplyTemplate UserMoved { get; } = new(551, new(5, 1, 6), "User not local; please try <{0}>");

    /// <summary>HELP (RFC 5321 §4.1.1.8): the names of all commands.</summary>
    public static Reply HelpList(string names) => new(214, new(2, 0, 0), HelpHeading, names);

    /// <summary>HELP STATUS: the state of the server, for those who may see it (RFC 5321 §4.2.2).</summary>
    public static Reply Status(IReadOnlyList<string> lines) => new(211, new(2, 0, 0), lines);

    /// <summary>EXPN: one mailbox on each line (RFC 5321 §3.5.1).</summary>
    public static Reply Expanded(IReadOnlyList<string> mailboxes) => new(250, new(2, 1, 5), mailboxes);

    /// <summary>VRFY: the mailboxes that a name may mean, one on each line behind the first.</summary>
    public static Reply AmbiguousAmong(IEnumerable<string> mailboxes) => new(553, new(5, 1, 4), [AmbiguousHeading, .. mailboxes]);

    /// <summary>HELP on one command; open: its syntax and source.</summary>
    public static ReplyTemplate Help { get; } = new(214, new(2, 0, 0), "{0}");

    /// <summary>HELP on one command; the start of the line with its parameters.</summary>
    public static string HelpParameters { get; } = "Parameters: ";

    /// <summary>HELP; the first line of several.</summary>
    public static string HelpHeading { get; } = "Commands, HELP and a name for the syntax of one:";

    /// <summary>HELP on what is no command.</summary>
    public static Reply NoSuchHelp { get; } = new(504, new(5, 5, 4), "No help on that: HELP alone lists the commands");

    /// <summary>The verb is none that SMTP knows.</summary>
    public static Reply UnknownCommand { get; } = new(500, new(5, 5, 2), "Command not recognized: HELP lists the commands");

    /// <summary>The verb is known and not implemented.</summary>
    public static Reply NotImplemented { get; } = new(502, new(5, 5, 1), "Command not implemented");

    /// <summary>The command line is over the limit (RFC 5321 §4.5.3.1.4).</summary>
    public static Reply LineTooLong { get; } = new(500, new(5, 5, 2), "Command line too long");

    /// <summary>A command line holds an LF without CR before it (RFC 5321 §2.3.8).</summary>
    public static Reply BareLfInCommand { get; } = new(500, new(5, 5, 2), "Bare LF in a command: lines end with CR LF");

    /// <summary>A command line holds a CR without LF behind it (RFC 5321 §2.3.8).</summary>
    public static Reply BareCrInCommand { get; } = new(500, new(5, 5, 2), "Bare CR in a command: lines end with CR LF");

    /// <summary>A command line holds a NUL (RFC 5321 §4.1.1.4 allows it in content only).</summary>
    public static Reply NulInCommand { get; } = new(500, new(5, 5, 2), "NUL in a command");

    /// <summary>The server refused the connection and waits for QUIT (RFC 5321 §3.1).</summary>
    public static Reply ServiceRefused { get; } = new(503, new(5, 5, 1), "No service for this connection: only QUIT is answered");

    /// <summary>A transaction needs EHLO or HELO first (RFC 5321 §4.1.4).</summary>
    public static Reply HelloFirst { get; } = new(503, new(5, 5, 1), "EHLO or HELO comes first");

    /// <summary>MAIL within a transaction (RFC 5321 §4.1.4).</summary>
    public static Reply NestedMail { get; } = new(503, new(5, 5, 1), "A transaction is open already: RSET ends it");

    /// <summary>RCPT or DATA outside a transaction.</summary>
    public static Reply MailFirst { get; } = new(503, new(5, 5, 1), "MAIL comes first");

    /// <summary>DATA before any RCPT.</summary>
    public static Reply RecipientFirst { get; } = new(503, new(5, 5, 1), "RCPT comes first");

    /// <summary>DATA after every RCPT was refused (RFC 5321 §3.3).</summary>
    public static Reply NoValidRecipients { get; } = new(554, new(5, 5, 1), "No valid recipients");

    /// <summary>BDAT without LAST (RFC 3030 §2); open: its octets.</summary>
    public static ReplyTemplate ChunkTaken { get; } = new(250, new(2, 0, 0), "{0} octets received");

    /// <summary>
    /// BDAT without a number: where the next command is cannot be told, and nothing behind it is to be taken for one.
    /// </summary>
    public static Reply ChunkSyntax { get; } = new(501, new(5, 5, 4), "Syntax: BDAT octets [LAST]; how much follows cannot be told, closing connection");

    /// <summary>BDAT after HELO (RFC 3030 §2: it is a service extension).</summary>
    public static Reply ChunksNeedEhlo { get; } = new(503, new(5, 5, 1), "BDAT takes EHLO, not HELO");

    /// <summary>RCPT or DATA after BDAT (RFC 3030 §2).</summary>
    public static Reply ChunksOnly { get; } = new(503, new(5, 5, 1), "The content has begun to come by BDAT: BDAT goes on with it, RSET forgets it");

    /// <summary>DATA after BODY=BINARYMIME (RFC 3030 §3).</summary>
    public static Reply BinaryTakesChunks { get; } = new(503, new(5, 5, 1), "Binary content takes BDAT, not DATA");

    /// <summary>The verb takes no argument.</summary>
    public static Reply NoArgumentAllowed { get; } = new(501, new(5, 5, 4), "This command takes no argument");

    /// <summary>EHLO or HELO without a name.</summary>
    public static Reply HelloNeedsName { get; } = new(501, new(5, 5, 4), "EHLO and HELO need the name of the client, a domain or an address literal");

    /// <summary>EHLO or HELO with what is no name (RFC 5321 §4.1.4).</summary>
    public static Reply HelloBadName { get; } = new(501, new(5, 5, 4), "The client's name is neither a domain nor an address literal");

    /// <summary>VRFY without a name.</summary>
    public static Reply VerifyNeedsName { get; } = new(501, new(5, 5, 4), "VRFY needs the name of a user or a mailbox");

    /// <summary>MAIL without FROM:.</summary>
    public static Reply MailSyntax { get; } = new(501, new(5, 5, 4), "Syntax: MAIL FROM:<reverse-path> [parameters]");

    /// <summary>SEND, SOML or SAML without FROM:; open: the verb.</summary>
    public static ReplyTemplate TerminalSyntax { get; } = new(501, new(5, 5, 4), "Syntax: {0} FROM:<reverse-path> [parameters]");

    /// <summary>RCPT without TO:.</summary>
    public static Reply RecipientSyntax { get; } = new(501, new(5, 5, 4), "Syntax: RCPT TO:<forward-path> [parameters]");

    /// <summary>What stands behind FROM: is no path; open: what is wrong and where.</summary>
    public static ReplyTemplate BadSender { get; } = new(501, new(5, 1, 7), "Bad sender address: {0}");

    /// <summary>The reverse-path has a mailbox in it that is none (RFC 5321 §4.2.2); open: what is wrong and where.</summary>
    public static ReplyTemplate BadSenderMailbox { get; } = new(553, new(5, 1, 7), "Bad sender address: {0}");

    /// <summary>What stands behind TO: is no path; open: what is wrong and where.</summary>
    public static ReplyTemplate BadRecipient { get; } = new(501, new(5, 1, 3), "Bad recipient address: {0}");

    /// <summary>The forward-path has a mailbox in it that is none (RFC 5321 §4.2.2); open: what is wrong and where.</summary>
    public static ReplyTemplate BadRecipientMailbox { get; } = new(553, new(5, 1, 3), "Bad recipient address: {0}");

    /// <summary>An address is not ASCII and the transaction is not SMTPUTF8 (RFC 6531 §3.5).</summary>
    public static Reply AddressNotAscii { get; } = new(553, new(5, 6, 7), "The address is not ASCII: that takes SMTPUTF8, with MAIL or VRFY");

    /// <summary>A name is not ASCII and not UTF-8 either.</summary>
    public static Reply NotUtf8 { get; } = new(501, new(5, 5, 2), "The argument is not valid UTF-8");

    /// <summary>A parameter is no keyword or keyword=value; open: its place among the parameters.</summary>
    public static ReplyTemplate ParameterSyntax { get; } = new(501, new(5, 5, 4), "Parameter {0} is not written as KEYWORD or KEYWORD=value");

    /// <summary>The same parameter twice; open: its keyword.</summary>
    public static ReplyTemplate ParameterTwice { get; } = new(501, new(5, 5, 4), "Parameter {0} is given twice");

    /// <summary>The value of a parameter is wrong; open: keyword and what is expected.</summary>
    public static ReplyTemplate ParameterValue { get; } = new(501, new(5, 5, 4), "Parameter {0}");

    /// <summary>STARTTLS: the handshake may begin (RFC 3207 §4).</summary>
    public static Reply ReadyForTls { get; } = new(220, new(2, 0, 0), "Ready to start TLS");

    /// <summary>STARTTLS, and there is no certificate at present (RFC 3207 §4).</summary>
    public static Reply TlsNotAvailable { get; } = new(454, new(4, 7, 0), "TLS not available at present");

    /// <summary>STARTTLS where TLS is on (RFC 3207 §4.2).</summary>
    public static Reply TlsIsOn { get; } = new(503, new(5, 5, 1), "TLS is on already");

    /// <summary>The server takes this command under TLS only (RFC 3207 §4).</summary>
    public static Reply TlsRequired { get; } = new(530, new(5, 7, 0), "Must issue a STARTTLS command first");

    /// <summary>
    /// Input came in the clear together with STARTTLS: whoever sent it, it is not read as what is said under
    /// TLS (RFC 3207 §5), and the connection is closed.
    /// </summary>
    public static Reply InputBehindStartTls { get; } = new(554, new(5, 7, 0), "Input in the clear behind STARTTLS, closing connection");

    /// <summary>TURN or ATRN: the roles change behind this reply (RFC 821 §3.8, RFC 2645 §5.2.1).</summary>
    public static Reply Reversing { get; } = new(250, new(2, 0, 0), "OK now reversing the connection");

    /// <summary>ATRN of an account that has no mail here, or not for all the domains it names (RFC 2645 §5.2.1).</summary>
    public static Reply TurnRefused { get; } = new(450, new(4, 7, 1), "ATRN request refused");

    /// <summary>ATRN, and it cannot be done now (RFC 2645 §5.2.1).</summary>
    public static Reply TurnUnavailable { get; } = new(451, new(4, 3, 0), "Unable to process ATRN request now");

    /// <summary>ATRN, and nothing waits (RFC 2645 §5.2.1).</summary>
    public static Reply NoMailWaits { get; } = new(453, new(4, 0, 0), "You have no mail");

    /// <summary>ATRN with what is no list of domains.</summary>
    public static Reply AtrnSyntax { get; } = new(501, new(5, 5, 4), "Syntax: ATRN [domain[,domain]...]");

    /// <summary>
    /// Input came together with TURN or ATRN. Behind them the server is the client, and what was said to the server is
    /// not read as an answer to it.
    /// </summary>
    public static Reply InputBehindTurn { get; } = new(554, new(5, 5, 1), "Input behind TURN or ATRN, closing connection");

    /// <summary>A parameter that EHLO does not offer (RFC 5321 §4.1.1.11); open: its keyword.</summary>
    public static ReplyTemplate UnknownParameter { get; } = new(555, new(5, 5, 4), "Parameter {0} is not known here");

    /// <summary>MAIL with a higher MT-PRIORITY than this peer may have (RFC 6710 §4.1); open: the one it gets.</summary>
    public static ReplyTemplate PriorityLowered { get; } = new(250, new(2, 3, 6), "{0} is the priority, as much as this client may have");

    /// <summary>MAIL with an MT-PRIORITY above 0 of one who may have none, where the server is set to refuse that (RFC 6710 §4.1).</summary>
    public static Reply PriorityDenied { get; } = new(550, new(5, 7, 1), "This client may have no priority above 0");

    /// <summary>BY with R and too short a time (RFC 2852 §3); open: the seconds that it takes.</summary>
    public static ReplyTemplate DeliveryTooSoon { get; } = new(555, new(5, 5, 4), "Parameter BY with R takes {0} seconds at least");

    /// <summary>A parameter after HELO (RFC 5321 §4.1.1.1: extensions take EHLO).</summary>
    public static Reply ParametersNeedEhlo { get; } = new(555, new(5, 5, 4), "Parameters take EHLO, not HELO");

    /// <summary>The declared size is over the limit (RFC 1870 §6.2); open: the limit in octets.</summary>
    public static ReplyTemplate DeclaredTooLarge { get; } = new(552, new(5, 3, 4), "The declared size is over the limit of {0} octets");

    /// <summary>The message is over the limit (RFC 5321 §4.5.3.1.9); open: the limit in octets.</summary>
    public static ReplyTemplate MessageTooLarge { get; } = new(552, new(5, 3, 4), "The message is over the limit of {0} octets");

    /// <summary>The header section is over the limit; open: the limit in octets.</summary>
    public static ReplyTemplate HeaderTooLarge { get; } = new(552, new(5, 3, 4), "The header section, which ends with an empty line, is over the limit of {0} octets");

    /// <summary>One recipient more than a transaction may have (RFC 5321 §4.5.3.1.10).</summary>
    public static Reply TooManyRecipients { get; } = new(452, new(4, 5, 3), "Too many recipients: send this one in another transaction");

    /// <summary>The content holds an LF without CR before it (RFC 5321 §2.3.8).</summary>
    public static Reply BareLfInContent { get; } = new(550, new(5, 6, 0), "Message refused: it holds a bare LF, and lines end with CR LF (RFC 5321 section 2.3.8)");

    /// <summary>The content holds a CR without LF behind it (RFC 5321 §2.3.8).</summary>
    public static Reply BareCrInContent { get; } = new(550, new(5, 6, 0), "Message refused: it holds a bare CR, and lines end with CR LF (RFC 5321 section 2.3.8)");

    /// <summary>Binary content with a bare CR or LF in its header section, which is never binary (RFC 3030 §3).</summary>
    public static Reply BareInHeader { get; } = new(550, new(5, 6, 0), "Message refused: its header section holds a bare CR or LF, and BINARYMIME concerns the body alone");

    /// <summary>The content holds a NUL, which this server is set to refuse.</summary>
    public static Reply NulInContent { get; } = new(550, new(5, 6, 0), "Message refused: it holds a NUL");

    /// <summary>AUTH goes on (RFC 4954 §4); the challenge of the mechanism, in base64.</summary>
    public static Reply Challenge(string base64) => new(334, default, base64);

    /// <summary>The peer has proven who it is (RFC 4954 §6).</summary>
    public static Reply Authenticated { get; } = new(235, new(2, 7, 0), "Authentication succeeded");

    /// <summary>What was shown does not prove it (RFC 4954 §6).</summary>
    public static Reply AuthFailed { get; } = new(535, new(5, 7, 8), "Authentication credentials invalid");

    /// <summary>The password is right, and is to be set anew before it is good for a login (RFC 4954 §6).</summary>
    public static Reply AuthTransition { get; } = new(432, new(4, 7, 12), "A password transition is needed: the password has to be set anew");

    /// <summary>The proof is right, but the account demands a stronger mechanism (RFC 4954 §6).</summary>
    public static Reply AuthTooWeak { get; } = new(534, new(5, 7, 9), "Authentication mechanism is too weak for this account");

    /// <summary>It cannot be told at present (RFC 4954 §6).</summary>
    public static Reply AuthUnavailable { get; } = new(454, new(4, 7, 0), "Authentication is not possible at present, try again later");

    /// <summary>The command needs an account first (RFC 4954 §6).</summary>
    public static Reply AuthenticationRequired { get; } = new(530, new(5, 7, 0), "Authentication required");

    /// <summary>The mechanism would show a secret in the clear (RFC 4954 §6).</summary>
    public static Reply AuthNeedsTls { get; } = new(538, new(5, 7, 11), "Encryption required for authentication: STARTTLS comes first");

    /// <summary>AUTH after HELO (RFC 4954 §4: it is a service extension).</summary>
    public static Reply AuthNeedsEhlo { get; } = new(503, new(5, 5, 1), "AUTH takes EHLO, not HELO");

    /// <summary>A second AUTH (RFC 4954 §4).</summary>
    public static Reply AuthenticatedAlready { get; } = new(503, new(5, 5, 1), "Authenticated already");

    /// <summary>AUTH without a mechanism, or with more than a response.</summary>
    public static Reply AuthSyntax { get; } = new(501, new(5, 5, 4), "Syntax: AUTH mechanism [initial-response]");

    /// <summary>A mechanism that EHLO does not list (RFC 4954 §4).</summary>
    public static Reply AuthUnknownMechanism { get; } = new(504, new(5, 5, 4), "Mechanism not offered: EHLO lists those that are");

    /// <summary>The client has cancelled the exchange by a line of one asterisk (RFC 4954 §4).</summary>
    public static Reply AuthCancelled { get; } = new(501, new(5, 7, 0), "Authentication cancelled");

    /// <summary>A line of an exchange is over the limit (RFC 4954 §4).</summary>
    public static Reply AuthLineTooLong { get; } = new(500, new(5, 5, 6), "Authentication exchange line too long");

    /// <summary>A response is not base64 (RFC 4954 §4).</summary>
    public static Reply AuthBadBase64 { get; } = new(501, new(5, 5, 2), "The response is not base64");

    /// <summary>A response is base64, but not what the mechanism expects.</summary>
    public static Reply AuthMalformed { get; } = new(501, new(5, 5, 2), "The response is not one of this mechanism");

    /// <summary>The channel binding is not that of this connection: somebody may be in between (RFC 5802 §6).</summary>
    public static Reply AuthBinding { get; } = new(535, new(5, 7, 8), "The channel binding is not that of this connection");

    /// <summary>XFORWARD.</summary>
    public static Reply ForwardedNoted { get; } = new(250, new(2, 0, 0), "Noted for the next message");

    /// <summary>XCLIENT or XFORWARD with attributes that are not right; open: what is wrong, and what would be right.</summary>
    public static ReplyTemplate ClientAttribute { get; } = new(501, new(5, 5, 4), "Bad attributes: {0}");

    /// <summary>XCLIENT or XFORWARD of one that is not trusted with it.</summary>
    public static Reply ClientAttributesDenied { get; } = new(550, new(5, 7, 0), "This client may not speak for others");
}
