@webhooks @pci-6.2.4 @pci-10.2.2 @cwe-294 @asvs-V2.3.2 @asvs-V4.1.5 @wstg-BUSL-04
Feature: Yesterday's proof is not proof today

  A genuine delivery that somebody recorded is correctly signed for ever. Only its age and its number tell that it was
  used before.

  @high @defect-W17
  Scenario: A recorded payment event does nothing the second time
    Given a shopper who paid 49.99 EUR
    When an attacker replays the "payment succeeded" event after 1 minutes
    Then the order stays paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @medium @defect-W04
  Scenario Outline: A recorded event is too old after <minutes> minutes
    Given a shopper who paid 49.99 EUR
    When an attacker replays the "payment succeeded" event after <minutes> minutes
    Then the answer is a refusal, not an error of the server
    And the order stays paid
    And the order is fulfilled once

    Examples:
      | minutes |
      | 6       |
      | 1440    |

  @high @defect-W17 @defect-W27
  Scenario: A recorded payment event does not undo a refund
    Given a shopper who paid 49.99 EUR
    When the operator refunds the whole payment
    And the order is seen as refunded
    And an attacker replays the "payment succeeded" event after 1 minutes
    Then the order stays refunded
    And the order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-W17 @defect-D03 @simulator-only
  Scenario: A provider that sends an old event again, freshly signed, changes nothing
    Given a shopper who paid 49.99 EUR
    When 3 days pass
    And the "payment succeeded" event arrives again
    Then the event is acknowledged
    And the order stays paid
    And the order is fulfilled once

  @low @defect-W04
  Scenario: A clock that runs ahead at the provider loses no payment
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "payment succeeded" event arrives, with a timestamp from the future
    Then the order and the provider agree
